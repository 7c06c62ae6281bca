import { blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addIdle } from "./idle.ts";

const stepS = 0.04;

function faceAt(seed: number, atS: number, attention = 0) {
  const weights = new Float32Array(blendShapeNames.length);
  const pose = addIdle(weights, seed, atS, attention);
  return { weights, pose };
}

/** When the lids close, in steps. */
function blinks(seed: number, seconds: number): number[] {
  const closed = Array.from(
    { length: seconds / stepS },
    (_, n) => (faceAt(seed, n * stepS).weights[blendShapeIndex.eyeBlinkLeft] ?? 0) > 0.5,
  );
  return closed.flatMap((now, n) => (now && !closed[n - 1] ? [n] : []));
}

describe("the idle face", () => {
  it("hangs on seed, time and attention alone", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, atS, attention) => {
          const first = faceAt(seed, atS, attention);
          faceAt(seed + 1, atS / 2, 1 - attention);
          expect(faceAt(seed, atS, attention)).toEqual(first);
          expect(first.weights.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
          expect(first.pose.breath).toBeGreaterThanOrEqual(0);
          expect(first.pose.breath).toBeLessThanOrEqual(1);
          for (const angle of Object.values(first.pose.head)) expect(Math.abs(angle)).toBeLessThan(0.15);
        },
      ),
    );
  });

  it("adds to the weights it is given and never leaves their range", () => {
    const weights = new Float32Array(blendShapeNames.length).fill(1);
    addIdle(weights, 3, 1.7, 1);
    expect(weights.every((weight) => weight === 1)).toBe(true);
  });

  it("blinks now and then, at other moments for another seed", () => {
    const [one, other] = [blinks(1, 120), blinks(2, 120)];
    for (const times of [one, other]) {
      expect(times.length).toBeGreaterThan(20);
      expect(times.length).toBeLessThan(60);
    }
    expect(one).not.toEqual(other);
  });

  it("looks attentive while the person speaks", () => {
    const [idle, attentive] = [faceAt(5, 12.3), faceAt(5, 12.3, 1)];
    expect(attentive.weights[blendShapeIndex.browInnerUp]).toBeGreaterThan((idle.weights[blendShapeIndex.browInnerUp] ?? 0) + 0.1);
    expect(attentive.pose.head.roll).not.toBe(idle.pose.head.roll);
  });

  it("moves the head without a jump", () => {
    for (let n = 1; n < 3000; n++) {
      const [before, now] = [faceAt(9, (n - 1) * stepS).pose.head, faceAt(9, n * stepS).pose.head];
      for (const axis of ["yaw", "pitch", "roll"] as const) expect(Math.abs(now[axis] - before[axis])).toBeLessThan(0.01);
    }
  });

  it.each(["yaw", "pitch", "roll"] as const)("does not repeat itself in the head's %s within ten minutes", (axis) => {
    const perSecond = 5;
    for (const seed of [1, 77, 4_000_000_000]) {
      const values = Array.from({ length: 600 * perSecond }, (_, n) => faceAt(seed, n / perSecond).pose.head[axis]);
      expect(correlationAt(values, 0)).toBeCloseTo(1, 9);
      const later = Array.from({ length: 300 * perSecond }, (_, n) => correlationAt(values, n + 3 * perSecond));
      expect(Math.max(...later)).toBeLessThan(0.9);
    }
  });
});

/** Pearson's r of a series and itself, `lag` values later. */
function correlationAt(values: readonly number[], lag: number): number {
  const [a, b] = [values.slice(0, values.length - lag), values.slice(lag)];
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [n, value] of a.entries()) {
    const [x, y] = [value - meanA, (b[n] as number) - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}
