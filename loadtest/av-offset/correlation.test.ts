import { describe, expect, it } from "vitest";
import { correlate } from "./correlation.ts";
import { seededRandom } from "./random.ts";
import { interpolate, smooth, withoutDrift } from "./series.ts";

/** A smooth irregular signal: a sum of sines of unrelated periods. */
const signal = (timeS: number) => Math.sin(timeS * 9.1) + 0.8 * Math.sin(timeS * 15.7 + 1) + 0.6 * Math.sin(timeS * 23.3 + 2);
const sampled = (framesPerSecond: number, delayS: number) => {
  const timesS = Array.from({ length: framesPerSecond * 8 }, (_, n) => n / framesPerSecond);
  return interpolate(
    timesS,
    timesS.map((timeS) => signal(timeS - delayS)),
  );
};

describe("correlate", () => {
  it.for([-0.41, -0.137, 0, 0.003, 0.052, 0.3])("finds a delay of %d s between 25 pictures and 100 values a second to 3 ms", (delayS) => {
    const { lagMs, peak } = correlate(sampled(25, 0), sampled(100, delayS), 600);
    expect(Math.abs(lagMs - delayS * 1000)).toBeLessThan(3);
    expect(peak).toBeGreaterThan(0.95);
  });

  it("counts different starts of the two series in", () => {
    const late = sampled(100, 0);
    expect(correlate(sampled(25, 0), { ...late, startS: late.startS + 0.0935 }, 600).lagMs).toBeCloseTo(93.5, 0);
  });

  it("gives noise a low peak", () => {
    const random = seededRandom(7);
    const noise = { startS: 0, values: Float64Array.from({ length: 800 }, () => random() - 0.5) };
    expect(correlate(sampled(25, 0), noise, 600).peak).toBeLessThan(0.2);
  });
});

describe("series", () => {
  it("loses a slow drift and keeps what is quick", () => {
    const values = Float64Array.from({ length: 1000 }, (_, n) => n / 10 + Math.sin(n / 3));
    const kept = withoutDrift({ startS: 0, values }, 700).values.slice(100, 900);
    expect(Math.max(...kept)).toBeLessThan(1.2);
    expect(Math.max(...kept)).toBeGreaterThan(0.8);
  });

  it("does not move when smoothed", () => {
    const values = new Float64Array(200);
    values[100] = 1;
    const smoothed = smooth({ startS: 0, values }, 30).values;
    expect(smoothed.indexOf(Math.max(...smoothed))).toBe(100);
  });
});
