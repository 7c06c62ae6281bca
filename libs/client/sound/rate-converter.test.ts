import { describe, expect, it } from "vitest";
import { RateConverter } from "./rate-converter.ts";

const tone = (hz: number, rateHz: number, seconds: number) =>
  Float32Array.from({ length: rateHz * seconds }, (_, n) => Math.sin((2 * Math.PI * hz * n) / rateHz));
const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

function converted(input: Float32Array, fromHz: number, toHz: number, chunk: number): Float32Array {
  const converter = new RateConverter(fromHz, toHz);
  const parts: number[] = [];
  for (let at = 0; at < input.length; at += chunk) parts.push(...converter.push(input.subarray(at, at + chunk)));
  return Float32Array.from(parts);
}

describe("a rate converter", () => {
  it.each([
    [24_000, 48_000, 1000],
    [48_000, 24_000, 1000],
    [44_100, 24_000, 3000],
    [24_000, 44_100, 7000],
  ])("from %i to %i Hz keeps a tone of %i Hz where it is", (fromHz, toHz, hz) => {
    const output = converted(tone(hz, fromHz, 0.5), fromHz, toHz, 480);
    const expected = tone(hz, toHz, 0.5);
    const difference = output.slice(500, 5000).map((one, n) => one - (expected[n + 500] as number));
    expect(rms(difference)).toBeLessThan(10 ** (-60 / 20));
  });

  it("lets nothing above the new Nyquist rate through", () => {
    expect(rms(converted(tone(15_000, 48_000, 0.3), 48_000, 24_000, 128).slice(200))).toBeLessThan(10 ** (-65 / 20));
  });

  it("says the same in chunks of any length, and as much as went in", () => {
    const input = tone(440, 48_000, 0.25);
    const [small, large] = [converted(input, 48_000, 24_000, 128), converted(input, 48_000, 24_000, 5000)];
    expect(small).toEqual(large);
    expect(small.length).toBeGreaterThan(6000 - 40);
    expect(small.length).toBeLessThanOrEqual(6000);
  });

  it("leaves equal rates alone", () => {
    const input = tone(440, 48_000, 0.01);
    expect(new RateConverter(48_000, 48_000).push(input)).toBe(input);
  });
});
