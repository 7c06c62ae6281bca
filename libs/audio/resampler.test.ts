import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createResampler, type Resampler } from "./resampler.ts";

function sine(frequencyHz: number, sampleRateHz: number, sampleCount: number): Float32Array {
  return Float32Array.from({ length: sampleCount }, (_, index) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRateHz));
}

function inChunks(resampler: Resampler, samples: Float32Array, sizes: readonly number[]): number[] {
  const output: number[] = [];
  for (let start = 0, turn = 0; start < samples.length; turn++) {
    const end = start + (sizes[turn % sizes.length] as number);
    output.push(...resampler.push(samples.subarray(start, end)));
    start = end;
  }
  output.push(...resampler.flush());
  return output;
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (b[index] as number))), 0);
}

describe("resampler", () => {
  it.each([
    [48_000, 16_000],
    [44_100, 16_000],
    [24_000, 48_000],
    [8_000, 16_000],
  ])("keeps a tone of 440 Hz from %i Hz to %i Hz", async (fromHz, toHz) => {
    using resampler = await createResampler({ fromHz, toHz });
    const output = inChunks(resampler, sine(440, fromHz, fromHz), [480]);
    expect(output).toHaveLength(toHz);
    const inner = output.slice(500, -500);
    expect(largestDifference(inner, [...sine(440, toHz, toHz)].slice(500, -500))).toBeLessThan(1e-4);
  });

  it("removes what the lower rate cannot hold", async () => {
    using resampler = await createResampler({ fromHz: 48_000, toHz: 16_000 });
    const output = inChunks(resampler, sine(11_000, 48_000, 48_000), [480]);
    expect(Math.max(...output.slice(500, -500).map(Math.abs))).toBeLessThan(1e-3);
  });

  it("gives the same for any chunking", async () => {
    const samples = sine(300, 44_100, 5_000);
    using resampler = await createResampler({ fromHz: 44_100, toHz: 16_000 });
    const whole = inChunks(resampler, samples, [samples.length]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        const chunked = inChunks(resampler, samples, sizes);
        expect(chunked).toHaveLength(whole.length);
        expect(largestDifference(chunked, whole)).toBeLessThan(1e-6);
      }),
      { numRuns: 20 },
    );
  });

  it("keeps streams apart", async () => {
    using alone = await createResampler({ fromHz: 24_000, toHz: 16_000 });
    using disturber = await createResampler({ fromHz: 48_000, toHz: 16_000 });
    const samples = sine(500, 24_000, 2_400);
    const expected = inChunks(alone, samples, [samples.length]);
    const output = [...alone.push(samples.subarray(0, 1_000))];
    disturber.push(sine(3_000, 48_000, 4_000));
    output.push(...alone.push(samples.subarray(1_000)), ...alone.flush());
    expect(output).toEqual(expected);
  });

  it("passes equal rates through and refuses rates it does not know", async () => {
    using resampler = await createResampler({ fromHz: 16_000, toHz: 16_000 });
    const samples = sine(440, 16_000, 100);
    expect(resampler.push(samples)).toBe(samples);
    await expect(createResampler({ fromHz: 0, toHz: 16_000 })).rejects.toMatchObject({ reason: "AUDIO_FORMAT" });
  });
});
