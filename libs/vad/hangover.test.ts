import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultEndpointPolicy } from "./endpointer.ts";
import { hangoverFor } from "./hangover.ts";

const points = [
  { completeness: 0.4, silenceMs: 600 },
  { completeness: 0.8, silenceMs: 300 },
];

describe("the graded hangover", () => {
  it("is in proportion between two points, that of the last one beyond it, and none below the first", () => {
    expect(hangoverFor(0.39, points)).toBe(Number.POSITIVE_INFINITY);
    expect(hangoverFor(0.4, points)).toBe(600);
    expect(hangoverFor(0.6, points)).toBeCloseTo(450);
    expect(hangoverFor(0.8, points)).toBe(300);
    expect(hangoverFor(1, points)).toBe(300);
    expect(hangoverFor(1, [])).toBe(Number.POSITIVE_INFINITY);
  });

  it("steps where two points are as complete", () => {
    const step = [
      { completeness: 0.5, silenceMs: 700 },
      { completeness: 0.5, silenceMs: 300 },
    ];
    expect(hangoverFor(0.49, step)).toBe(Number.POSITIVE_INFINITY);
    expect(hangoverFor(0.5, step)).toBe(300);
  });

  it("never waits longer by default for what sounds more complete", () => {
    const { gradedHangover } = defaultEndpointPolicy;
    const completeness = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(completeness, completeness, (one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(hangoverFor(more, gradedHangover)).toBeLessThanOrEqual(hangoverFor(less, gradedHangover));
      }),
    );
  });
});
