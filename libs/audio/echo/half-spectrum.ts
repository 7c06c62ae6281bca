import { createFourier } from "../fourier.ts";

/** Spectrum of a real signal: bins 0..size/2. */
export interface HalfSpectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

export interface RealFourier {
  readonly size: number;
  readonly bins: number;
  create(): HalfSpectrum;
  /** @param signal `size` samples, left as they are */
  forward(signal: Float64Array, into: HalfSpectrum): void;
  /** @param into `size` samples */
  inverse(spectrum: HalfSpectrum, into: Float64Array): void;
}

/** Fourier transforms of real signals, there and back, without allocating. */
export function createRealFourier(size: number): RealFourier {
  const fourier = createFourier(size);
  const bins = size / 2 + 1;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  return {
    size,
    bins,
    create: () => ({ real: new Float64Array(bins), imaginary: new Float64Array(bins) }),
    forward(signal, into) {
      real.set(signal);
      imaginary.fill(0);
      fourier.forward(real, imaginary);
      into.real.set(real.subarray(0, bins));
      into.imaginary.set(imaginary.subarray(0, bins));
    },
    inverse(spectrum, into) {
      for (let bin = 0; bin < bins; bin++) {
        real[bin] = spectrum.real[bin] as number;
        imaginary[bin] = spectrum.imaginary[bin] as number;
        const mirror = (size - bin) % size;
        real[mirror] = spectrum.real[bin] as number;
        imaginary[mirror] = mirror === bin ? 0 : -(spectrum.imaginary[bin] as number);
      }
      // The inverse transform is the forward one with both parts exchanged.
      fourier.forward(imaginary, real);
      for (let index = 0; index < size; index++) into[index] = (real[index] as number) / size;
    },
  };
}
