import { createStage } from "./fft-stages.ts";

/** The discrete Fourier transform of real signals of one even length without prime factors above 5. */
export interface RealFft {
  readonly size: number;
  /** `signal` (size) to bins 0..size/2 in `real` and `imaginary`. */
  forward(signal: Float64Array, real: Float64Array, imaginary: Float64Array): void;
  /** The inverse of forward, scaled by 1 / size. */
  inverse(real: Float64Array, imaginary: Float64Array, signal: Float64Array): void;
}

/** A real transform by a complex one of half the size (Sorensen et al., "Real-valued fast Fourier transform algorithms", 1987). */
export function createRealFft(size: number): RealFft {
  const half = size / 2;
  const transform = createComplexFft(half);
  const re = new Float64Array(half);
  const im = new Float64Array(half);
  const cosines = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sines = Float64Array.from({ length: half + 1 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  return {
    size,
    forward(signal, real, imaginary) {
      for (let k = 0; k < half; k++) {
        re[k] = signal[2 * k] as number;
        im[k] = signal[2 * k + 1] as number;
      }
      transform(re, im);
      for (let k = 0; k <= half; k++) {
        const a = k === half ? 0 : k;
        const b = k === 0 ? 0 : half - k;
        const evenRe = ((re[a] as number) + (re[b] as number)) / 2;
        const evenIm = ((im[a] as number) - (im[b] as number)) / 2;
        const oddRe = ((im[a] as number) + (im[b] as number)) / 2;
        const oddIm = ((re[b] as number) - (re[a] as number)) / 2;
        const c = cosines[k] as number;
        const s = sines[k] as number;
        real[k] = evenRe + oddRe * c + oddIm * s;
        imaginary[k] = evenIm + oddIm * c - oddRe * s;
      }
    },
    inverse(real, imaginary, signal) {
      for (let k = 0; k < half; k++) {
        const b = half - k;
        const evenRe = (real[k] as number) + (real[b] as number);
        const evenIm = (imaginary[k] as number) - (imaginary[b] as number);
        const diffRe = (real[k] as number) - (real[b] as number);
        const diffIm = (imaginary[k] as number) + (imaginary[b] as number);
        const c = cosines[k] as number;
        const s = sines[k] as number;
        re[k] = evenRe - (diffRe * s + diffIm * c);
        im[k] = evenIm + (diffRe * c - diffIm * s);
      }
      transform(im, re);
      for (let k = 0; k < half; k++) {
        signal[2 * k] = (re[k] as number) / size;
        signal[2 * k + 1] = (im[k] as number) / size;
      }
    },
  };
}

type ComplexFft = (re: Float64Array, im: Float64Array) => void;

/** In place; the inverse is the same with the arguments swapped. Mixed-radix Stockham autosort (Swarztrauber, 1984). */
function createComplexFft(size: number): ComplexFft {
  const stages = factorize(size).map((radix, index, radices) => {
    const length = radices.slice(index).reduce((product, factor) => product * factor, 1);
    return createStage(radix, length, size / length);
  });
  const otherRe = new Float64Array(size);
  const otherIm = new Float64Array(size);
  return (re, im) => {
    let from: readonly [Float64Array, Float64Array] = [re, im];
    let to: readonly [Float64Array, Float64Array] = [otherRe, otherIm];
    for (const stage of stages) {
      stage(from[0], from[1], to[0], to[1]);
      [from, to] = [to, from];
    }
    if (from[0] !== re) {
      re.set(from[0]);
      im.set(from[1]);
    }
  };
}

function factorize(size: number): number[] {
  const factors: number[] = [];
  let rest = size;
  for (const radix of [4, 5, 3, 2]) {
    for (; rest % radix === 0; rest /= radix) factors.push(radix);
  }
  if (rest !== 1) throw new RangeError(`${size} has a prime factor above 5`);
  return factors;
}
