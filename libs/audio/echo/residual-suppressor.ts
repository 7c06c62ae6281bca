import type { EchoEstimate } from "./echo-path.ts";
import type { HalfSpectrum, RealFourier } from "./half-spectrum.ts";

/** What is left of the echo is taken for so much more than the estimate, since what is left must not sound like a voice. */
const overestimate = 3;
const smallestGain = 0.003;
const smoothing = 0.6;
/** The ratio of what is left to what was taken off is followed down at once, and up so much per block. */
const ratioRise = 1.004;
const largestRatio = 1;
const silence = 1e-9;

/**
 * Weakens the bins in which the rest of the echo outweighs the voice nearby: a Wiener filter over what the echo path doubts
 * (Enzner and Vary 2006) and what it has been seen to leave. Where nothing is played it changes nothing. Delays by one block.
 */
export class ResidualSuppressor {
  readonly #fourier: RealFourier;
  readonly #block: number;
  readonly #window: Float64Array;
  readonly #input: Float64Array;
  readonly #frame: Float64Array;
  readonly #spectrum: HalfSpectrum;
  readonly #overlap: Float64Array;
  readonly #power: Float64Array;
  readonly #echo: Float64Array;
  readonly #ratio: Float64Array;
  /** Echo lasts longer than the response that is modelled. */
  readonly #late: Float64Array;
  readonly #lateDecay: number;

  constructor(fourier: RealFourier, blockSeconds: number) {
    const { size, bins } = fourier;
    this.#fourier = fourier;
    this.#block = size / 2;
    this.#window = Float64Array.from({ length: size }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / size));
    this.#input = new Float64Array(size);
    this.#frame = new Float64Array(size);
    this.#spectrum = fourier.create();
    this.#overlap = new Float64Array(this.#block);
    this.#power = new Float64Array(bins);
    this.#echo = new Float64Array(bins);
    this.#ratio = new Float64Array(bins).fill(largestRatio);
    this.#late = new Float64Array(bins);
    // 60 dB in 400 ms.
    this.#lateDecay = 10 ** ((-6 * blockSeconds) / 0.4);
  }

  /** @param into one block */
  suppress({ error, echoPower, doubtPower, sure }: EchoEstimate, into: Float64Array): void {
    if (!sure) this.#ratio.fill(largestRatio);
    this.#input.copyWithin(0, this.#block);
    this.#input.set(error, this.#block);
    for (let index = 0; index < this.#input.length; index++)
      this.#frame[index] = (this.#input[index] as number) * (this.#window[index] as number);
    this.#fourier.forward(this.#frame, this.#spectrum);
    for (let bin = 0; bin < this.#fourier.bins; bin++) {
      const gain = this.#gainOf(bin, echoPower[bin] as number, doubtPower[bin] as number);
      this.#spectrum.real[bin] = (this.#spectrum.real[bin] as number) * gain;
      this.#spectrum.imaginary[bin] = (this.#spectrum.imaginary[bin] as number) * gain;
    }
    this.#fourier.inverse(this.#spectrum, this.#frame);
    for (let index = 0; index < this.#block; index++) {
      into[index] = (this.#overlap[index] as number) + (this.#frame[index] as number) * (this.#window[index] as number);
      this.#overlap[index] = (this.#frame[this.#block + index] as number) * (this.#window[this.#block + index] as number);
    }
  }

  #gainOf(bin: number, echoPower: number, doubtPower: number): number {
    const now = (this.#spectrum.real[bin] as number) ** 2 + (this.#spectrum.imaginary[bin] as number) ** 2;
    const power = smoothing * (this.#power[bin] as number) + (1 - smoothing) * now;
    const echo = smoothing * (this.#echo[bin] as number) + (1 - smoothing) * echoPower;
    this.#power[bin] = power;
    this.#echo[bin] = echo;
    if (echo > silence) {
      const seen = Math.min(largestRatio, power / echo);
      this.#ratio[bin] = seen < (this.#ratio[bin] as number) ? seen : Math.min(largestRatio, (this.#ratio[bin] as number) * ratioRise);
    }
    const left = Math.max(doubtPower, (this.#ratio[bin] as number) * echo);
    const late = Math.max(left, (this.#late[bin] as number) * this.#lateDecay);
    this.#late[bin] = late;
    const rest = overestimate * late;
    return rest <= silence ? 1 : Math.max(smallestGain, 1 - rest / (power + silence));
  }
}
