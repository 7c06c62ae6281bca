import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRealFft } from "./real-fft.ts";

describe("real Fourier transform", () => {
  const size = 120;
  const fft = createRealFft(size);
  const signals = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });

  it("equals the defining sum", () => {
    fc.assert(
      fc.property(signals, fc.integer({ min: 0, max: size / 2 }), (values, bin) => {
        const { real, imaginary } = transform(values);
        const angle = (n: number) => (-2 * Math.PI * bin * n) / size;
        expect(real[bin]).toBeCloseTo(
          values.reduce((sum, value, n) => sum + value * Math.cos(angle(n)), 0),
          9,
        );
        expect(imaginary[bin]).toBeCloseTo(
          values.reduce((sum, value, n) => sum + value * Math.sin(angle(n)), 0),
          9,
        );
      }),
    );
  });

  it("comes back to the signal", () => {
    fc.assert(
      fc.property(signals, (values) => {
        const { real, imaginary } = transform(values);
        const back = new Float64Array(size);
        fft.inverse(real, imaginary, back);
        for (const [n, value] of values.entries()) expect(back[n]).toBeCloseTo(value, 9);
      }),
    );
  });

  it("refuses other sizes", () => {
    expect(() => createRealFft(14)).toThrow(RangeError);
  });

  function transform(values: readonly number[]) {
    const real = new Float64Array(size / 2 + 1);
    const imaginary = new Float64Array(size / 2 + 1);
    fft.forward(Float64Array.from(values), real, imaginary);
    return { real, imaginary };
  }
});
