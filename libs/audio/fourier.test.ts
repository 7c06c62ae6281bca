import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFourier } from "./fourier.ts";

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
