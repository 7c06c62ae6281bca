import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFourier } from "./fourier.ts";
import { createLogMel, MEL_BANDS } from "./log-mel.ts";
import { createMelFilters } from "./mel-filters.ts";

/** The definition, for comparison. */
function slowFourier(real: readonly number[], imaginary: readonly number[]): { readonly real: number[]; readonly imaginary: number[] } {
  const size = real.length;
  const result = { real: new Array<number>(size).fill(0), imaginary: new Array<number>(size).fill(0) };
  for (let bin = 0; bin < size; bin++) {
    for (let index = 0; index < size; index++) {
      const angle = (-2 * Math.PI * ((bin * index) % size)) / size;
      const [a, b] = [real[index] as number, imaginary[index] as number];
      (result.real[bin] as number) += a * Math.cos(angle) - b * Math.sin(angle);
      (result.imaginary[bin] as number) += a * Math.sin(angle) + b * Math.cos(angle);
    }
  }
  return result;
}

describe("createFourier", () => {
  it("agrees with the definition", () => {
    const numbers = (size: number) => fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });
    const signal = fc.constantFrom(1, 2, 3, 8, 30, 42, 400).chain((size) => fc.tuple(numbers(size), numbers(size)));
    fc.assert(
      fc.property(signal, ([real, imaginary]) => {
        const expected = slowFourier(real, imaginary);
        const output = { real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
        createFourier(real.length).forward(output.real, output.imaginary);
        for (let bin = 0; bin < real.length; bin++) {
          expect(output.real[bin]).toBeCloseTo(expected.real[bin] as number, 8);
          expect(output.imaginary[bin]).toBeCloseTo(expected.imaginary[bin] as number, 8);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses a size with a large prime factor", () => {
    expect(() => createFourier(2 * 11)).toThrow(RangeError);
  });
});

describe("createMelFilters", () => {
  it("covers the spectrum with triangles of equal area", () => {
    const filters = createMelFilters(80, 400, 16_000);
    const binHz = 40;
    // The lowest filters are narrower than a bin, so only the wide ones show their area.
    for (const { weights } of filters.slice(60)) expect(weights.reduce((sum, weight) => sum + weight * binHz, 0)).toBeCloseTo(1, 1);
    // Each filter peaks above the one before.
    const peaks = filters.map(({ firstBin, weights }) => firstBin + weights.indexOf(Math.max(...weights)));
    expect(peaks).toEqual([...peaks].sort((a, b) => a - b));
  });
});

describe("createLogMel", () => {
  const logMel = createLogMel();
  const tone = (frequencyHz: number, length: number) =>
    Float32Array.from({ length }, (_, index) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * index) / 16_000));
  const column = (mel: Float32Array, frames: number, frame: number) =>
    Array.from({ length: MEL_BANDS }, (_, band) => mel[band * frames + frame] as number);

  it("puts a tone into the band around its frequency", () => {
    const bandOf = (frequencyHz: number) => {
      const bands = column(logMel(tone(frequencyHz, 16_000), 100), 100, 50);
      return bands.indexOf(Math.max(...bands));
    };
    // 80 bands up to 45.245 mel of Slaney's scale: 1 kHz is 15 mel.
    expect(bandOf(1000)).toBe(Math.round((15 / 45.245) * 81) - 1);
    expect(bandOf(300)).toBeLessThan(bandOf(1000));
    expect(bandOf(6000)).toBeGreaterThan(bandOf(1000));
  });

  it("spans at most 8 decades, divided by 4, below its peak", () => {
    const mel = logMel(tone(440, 8_000), 200);
    const peak = Math.max(...mel);
    expect(Math.min(...mel)).toBeCloseTo(peak - 2, 5);
  });

  it("moves with the sound: a hop later is a frame later", () => {
    const delayed = new Float32Array(16_160);
    delayed.set(tone(440, 16_000), 160);
    const [before, after] = [logMel(tone(440, 16_000), 120), logMel(delayed, 120)];
    column(before, 120, 30).forEach((value, band) => {
      expect(column(after, 120, 31)[band]).toBeCloseTo(value, 4);
    });
  });
});
