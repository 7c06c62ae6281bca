import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bands, createMelStream, firstMelState, hopSamples } from "./mel-stream.ts";

interface Reference {
  readonly prior: readonly number[];
  /** Frames by number, as models/mouth-net/recipe/reference.py wrote them. */
  readonly frames: Readonly<Record<string, readonly number[]>>;
}

const reference: Reference = JSON.parse(await readFile(new URL("log-mel-reference.json", import.meta.url), "utf8"));

/** The sound of reference.py: silence, a rising tone, a hiss from a linear congruence. */
function referenceSound(): Float32Array {
  let value = 1;
  return Float32Array.from({ length: 12_800 }, (_, n) => {
    const seconds = n / 16_000;
    const tone = 0.3 * Math.sin(2 * Math.PI * (200 * seconds + 2000 * seconds ** 2));
    value = Number((BigInt(value) * 1_103_515_245n + 12_345n) % 2n ** 31n);
    if (n < 1_600) return 0;
    return n < 8_000 ? tone : tone * 0.1 + 0.02 * (value / 2 ** 30 - 1);
  });
}

describe("createMelStream", () => {
  const stream = createMelStream();
  const whole = stream(firstMelState(reference.prior), referenceSound()).frames;

  it("gives the network what it was trained on", () => {
    expect(whole).toHaveLength(80 * bands);
    for (const [index, expected] of Object.entries(reference.frames)) {
      const frame = whole.subarray(Number(index) * bands, (Number(index) + 1) * bands);
      for (const [band, value] of expected.entries()) expect(frame[band], `frame ${index}, band ${band}`).toBeCloseTo(value, 3);
    }
  });

  it("gives the same frames however the sound is cut", () => {
    const sound = referenceSound();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }), (hops) => {
        let state = firstMelState(reference.prior);
        const frames: number[] = [];
        for (let from = 0, turn = 0; from < sound.length; turn++) {
          const to = Math.min(sound.length, from + (hops[turn % hops.length] as number) * hopSamples);
          const part = stream(state, sound.slice(from, to));
          frames.push(...part.frames);
          state = part.state;
          from = to;
        }
        expect(Float32Array.from(frames)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it("hardly minds how loud the speech is", () => {
    const later = (gain: number) =>
      stream(
        firstMelState(reference.prior),
        referenceSound().map((sample) => sample * gain),
      ).frames.subarray(40 * bands, 50 * bands);
    const [loud, soft] = [later(1), later(0.25)];
    const apart = loud.reduce((sum, value, index) => sum + Math.abs(value - (soft[index] as number)), 0) / loud.length;
    // Without the running mean a quarter of the amplitude would lower every value by 0.92.
    expect(apart).toBeLessThan(0.4);
  });
});
