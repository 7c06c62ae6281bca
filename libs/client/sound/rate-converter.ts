/** Zero crossings of the sinc on each side; steps of its table between two samples. */
const sideTaps = 16;
const tableSteps = 256;
/** Share of the lower Nyquist rate that passes. */
const passShare = 0.92;
const kaiserBeta = 8;

/**
 * Changes the sample rate of one stream by a Kaiser-windowed sinc (J. O. Smith, "Digital Audio Resampling", 2002): passband to
 * 0.92 of the lower Nyquist rate, about 80 dB beyond. Small enough for an AudioWorklet. Chunks may have any length.
 */
export class RateConverter {
  /** Input samples per output sample. */
  readonly #step: number;
  readonly #cutoff: number;
  readonly #halfWidth: number;
  readonly #table: Float32Array;
  #kept: Float32Array;
  /** Of the next output sample, in samples of `#kept`. */
  #at: number;

  /** @param fromHz, toHz 8,000..192,000 */
  constructor(fromHz: number, toHz: number) {
    this.#step = fromHz / toHz;
    this.#cutoff = Math.min(1, toHz / fromHz) * (fromHz === toHz ? 1 : passShare);
    this.#halfWidth = Math.ceil(sideTaps / this.#cutoff);
    this.#table = kernel(this.#halfWidth, this.#cutoff);
    this.#kept = new Float32Array(this.#halfWidth);
    this.#at = this.#halfWidth;
  }

  /** @returns all that can be said so far; the filter looks `sideTaps` samples of the lower rate ahead */
  push(samples: Float32Array): Float32Array {
    if (this.#step === 1) return samples;
    const input = new Float32Array(this.#kept.length + samples.length);
    input.set(this.#kept);
    input.set(samples, this.#kept.length);
    const count = Math.max(0, Math.ceil((input.length - this.#halfWidth - this.#at) / this.#step));
    const output = new Float32Array(count);
    for (let n = 0; n < count; n++) output[n] = this.#sample(input, this.#at + n * this.#step);
    this.#at += count * this.#step;
    const used = Math.max(0, Math.floor(this.#at) - this.#halfWidth);
    this.#kept = input.slice(used);
    this.#at -= used;
    return output;
  }

  #sample(input: Float32Array, at: number): number {
    const first = Math.max(0, Math.ceil(at - this.#halfWidth));
    const last = Math.min(input.length - 1, Math.floor(at + this.#halfWidth));
    let sum = 0;
    for (let n = first; n <= last; n++) {
      const place = Math.abs(n - at) * tableSteps;
      const step = Math.floor(place);
      const low = this.#table[step] as number;
      sum += (input[n] as number) * (low + (place - step) * ((this.#table[step + 1] as number) - low));
    }
    return sum;
  }
}

function kernel(halfWidth: number, cutoff: number): Float32Array {
  const table = new Float32Array(halfWidth * tableSteps + 2);
  for (let n = 0; n < halfWidth * tableSteps; n++) {
    const x = n / tableSteps;
    const phase = Math.PI * cutoff * x;
    const sinc = n === 0 ? 1 : Math.sin(phase) / phase;
    table[n] = cutoff * sinc * (bessel(kaiserBeta * Math.sqrt(1 - (x / halfWidth) ** 2)) / bessel(kaiserBeta));
  }
  return table;
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  for (let n = 1, term = 1; n < 40; n++) {
    term *= (x / 2 / n) ** 2;
    sum += term;
  }
  return sum;
}
