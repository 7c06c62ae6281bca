import type { HalfSpectrum, RealFourier } from "./half-spectrum.ts";
import { PathWatch } from "./path-watch.ts";

export interface EchoPathOptions {
  /** Of twice the block. */
  readonly fourier: RealFourier;
  /** Blocks of the room's response that are modelled. */
  readonly partitions: number;
  /** Of one block, in seconds. */
  readonly blockSeconds: number;
}

/** What one block of the filter gives. */
export interface EchoEstimate {
  /** The microphone without the echo that the filter predicts; one block. */
  readonly error: Float64Array;
  /** Power of the echo that it takes off, by bin. */
  readonly echoPower: Float64Array;
  /** Power of the echo that is left, as far as the filter doubts itself, by bin. */
  readonly doubtPower: Float64Array;
  /** Whether the prediction has been seen to come true since the loudspeaker was last silent. */
  sure: boolean;
}

/** How long a room stays as it is. */
const steadySeconds = 10;
/** Variance of a coefficient of which nothing is known: the echo may be as loud as its source. */
const unknown = 1;
/** Share of the block in its transform. */
const share = 0.5;
const noiseSmoothing = 0.8;
const silence = 1e-9;
/** Error over microphone, in power, from which on the filter is taken to be wrong. */
const divergence = 1.5;
/** Share of a weight's power that it is doubted by then. */
const mistrust = 0.01;
/** Of the echo, in power. */
const leftWhenSure = 0.03;
/** Of the echo, in power: the person may have moved while nothing was played. */
const movedWhenQuiet = 0.3;
/** How much louder than the old way's a new way's echo may be, in power. */
const louder = 40;
/** Echo over what the microphone was seen to hold at most, in power: another room has its peaks elsewhere. */
const aboveHeard = 4;
/** How fast a bound from what was heard is forgotten, each time all partitions were written: 10 dB in ten seconds. */
const boundRise = 1.1;
/** Power of the reference, by bin, from which on its echo would be heard. */
const played = 1e-4;
/** Bins on each side over which the loudness of the echo is taken together. */
const neighbours = 8;
/** Partitions that are cut to their length in each block. */
const constraints = 8;

/**
 * The way from the loudspeaker to the microphone: a partitioned-block frequency-domain Kalman filter. G. Enzner and P. Vary,
 * "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free telephones", Signal Processing 86 (2006);
 * partitions after F. Kuech, E. Mabande and G. Enzner, "State-space architecture of the partitioned-block-based acoustic echo
 * controller", ICASSP 2014. It takes whatever it cannot predict for noise of the measurement, so that it stands still by itself while
 * somebody else speaks.
 */
export class EchoPath {
  readonly #options: EchoPathOptions;
  readonly #block: number;
  readonly #weights: HalfSpectrum[];
  /** Variance of the weights. */
  readonly #doubt: Float64Array[];
  /** Newest first, from `#newest` on, round. */
  readonly #references: HalfSpectrum[];
  #newest = 0;
  #constrained = 0;
  readonly #noise: Float64Array;
  readonly #input: Float64Array;
  readonly #signal: Float64Array;
  readonly #spectrum: HalfSpectrum;
  readonly #errorSpectrum: HalfSpectrum;
  readonly #estimate: EchoEstimate;
  readonly #watch: PathWatch;
  readonly #predicted: Float64Array;
  /** Power of the echo over that of its source, by bin. */
  readonly #coupling: Float64Array;
  /** Power of the reference at its loudest since the first partition was last written, and in the round before that. */
  readonly #loudest: Float64Array;
  readonly #loudestBefore: Float64Array;
  /** The same of the microphone. */
  readonly #heard: Float64Array;
  readonly #heardBefore: Float64Array;

  constructor(options: EchoPathOptions) {
    const { fourier, partitions } = options;
    this.#options = options;
    this.#block = fourier.size / 2;
    const each = <T>(make: () => T) => Array.from({ length: partitions }, make);
    this.#weights = each(() => fourier.create());
    this.#references = each(() => fourier.create());
    this.#doubt = Array.from({ length: partitions }, (_, m) => new Float64Array(fourier.bins).fill(priorOf(m, partitions)));
    this.#noise = new Float64Array(fourier.bins);
    this.#input = new Float64Array(fourier.size);
    this.#signal = new Float64Array(fourier.size);
    this.#spectrum = fourier.create();
    this.#errorSpectrum = fourier.create();
    this.#estimate = {
      error: new Float64Array(this.#block),
      echoPower: new Float64Array(fourier.bins),
      doubtPower: new Float64Array(fourier.bins),
      sure: false,
    };
    this.#watch = new PathWatch(options.blockSeconds);
    this.#predicted = new Float64Array(this.#block);
    this.#coupling = new Float64Array(fourier.bins).fill(unknown);
    this.#loudest = new Float64Array(fourier.bins);
    this.#loudestBefore = new Float64Array(fourier.bins);
    this.#heard = new Float64Array(fourier.bins);
    this.#heardBefore = new Float64Array(fourier.bins);
  }

  /**
   * @param mic one block
   * @param reference what the loudspeaker plays meanwhile; one block
   * @returns valid until the next call
   */
  filter(mic: Float64Array, reference: Float64Array): EchoEstimate {
    this.#take(reference);
    this.#predict();
    const { error } = this.#estimate;
    this.#options.fourier.inverse(this.#spectrum, this.#signal);
    this.#predicted.set(this.#signal.subarray(this.#block));
    for (let index = 0; index < this.#block; index++) error[index] = (mic[index] as number) - (this.#predicted[index] as number);
    const verdict = this.#watch.judge(mic, this.#predicted, reference);
    if (this.#estimate.sure && (verdict !== "sure" || this.#newest === 0)) this.#measureCoupling();
    if (this.#estimate.sure && verdict === "unsure") this.#doubtAtLeast(movedWhenQuiet);
    this.#estimate.sure = verdict === "sure";
    if (verdict === "changed") this.#beginAnew(mic);
    this.#expectAnywhere(verdict === "sure" ? leftWhenSure : 1);
    const wrong = energyOf(error) > divergence * energyOf(mic);
    this.#signal.fill(0, 0, this.#block);
    this.#signal.set(error, this.#block);
    this.#options.fourier.forward(this.#signal, this.#errorSpectrum);
    this.#hear();
    this.#learn();
    this.#constrain();
    if (wrong) this.#mistrust(mic);
    return this.#estimate;
  }

  #take(reference: Float64Array): void {
    const { fourier, partitions } = this.#options;
    this.#input.copyWithin(0, this.#block);
    this.#input.set(reference, this.#block);
    this.#newest = (this.#newest + partitions - 1) % partitions;
    fourier.forward(this.#input, this.#reference(0));
  }

  #reference(partition: number): HalfSpectrum {
    return this.#references[(this.#newest + partition) % this.#options.partitions] as HalfSpectrum;
  }

  #predict(): void {
    const { fourier, partitions } = this.#options;
    const { real, imaginary } = this.#spectrum;
    const { echoPower, doubtPower } = this.#estimate;
    real.fill(0);
    imaginary.fill(0);
    doubtPower.fill(0);
    for (let m = 0; m < partitions; m++) {
      const weights = this.#weights[m] as HalfSpectrum;
      const doubt = this.#doubt[m] as Float64Array;
      const reference = this.#reference(m);
      for (let bin = 0; bin < fourier.bins; bin++) {
        const a = reference.real[bin] as number;
        const b = reference.imaginary[bin] as number;
        const c = weights.real[bin] as number;
        const d = weights.imaginary[bin] as number;
        real[bin] = (real[bin] as number) + a * c - b * d;
        imaginary[bin] = (imaginary[bin] as number) + a * d + b * c;
        doubtPower[bin] = (doubtPower[bin] as number) + share * (a * a + b * b) * (doubt[bin] as number);
      }
    }
    for (let bin = 0; bin < fourier.bins; bin++) echoPower[bin] = share * ((real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2);
  }

  /** The way is another: nothing is known of it but, from the old one, about how loud its echo may be. */
  #beginAnew(mic: Float64Array): void {
    this.#estimate.error.set(mic);
    for (const { real, imaginary } of this.#weights) {
      real.fill(0);
      imaginary.fill(0);
    }
    this.#doubtAtLeast(louder);
    this.#predict();
  }

  /** @param power of an echo that may come in spite of the weights, over that of the echo so far */
  #doubtAtLeast(power: number): void {
    const { partitions } = this.#options;
    for (let m = 0; m < partitions; m++) {
      const doubt = this.#doubt[m] as Float64Array;
      const most = priorOf(m, partitions);
      const part = (power * fade * most) / partitions;
      for (let bin = 0; bin < doubt.length; bin++)
        doubt[bin] = Math.max(doubt[bin] as number, Math.min(most, part * (this.#coupling[bin] as number)));
    }
  }

  /** Over neighbouring bins: another room has its peaks elsewhere. */
  #measureCoupling(): void {
    const power = new Float64Array(this.#coupling.length);
    for (const { real, imaginary } of this.#weights)
      for (let bin = 0; bin < power.length; bin++)
        power[bin] = (power[bin] as number) + (real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2;
    for (let bin = 0; bin < power.length; bin++) {
      const near = power.subarray(Math.max(0, bin - neighbours), bin + neighbours + 1);
      this.#coupling[bin] = near.reduce((sum, one) => sum + one, 0) / near.length;
    }
  }

  /**
   * There is no more echo than the microphone holds: whoever wears headphones is not to be weakened for an echo that never comes. What
   * was played one round ago has come back by now, so the loudest that was heard since bounds its echo; a voice beside it only raises
   * the bound.
   */
  #hear(): void {
    const { echoPower } = this.#estimate;
    const { real, imaginary } = this.#errorSpectrum;
    for (let bin = 0; bin < this.#heard.length; bin++) {
      const power = 2 * ((real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2 + (echoPower[bin] as number));
      this.#heard[bin] = Math.max(this.#heard[bin] as number, power);
    }
    if (this.#newest !== 1) return;
    if (!this.#estimate.sure) this.#boundCoupling();
    this.#heardBefore.set(this.#heard);
    this.#heard.fill(0);
  }

  #boundCoupling(): void {
    const bins = this.#coupling.length;
    for (let bin = 0; bin < bins; bin++) {
      let [source, back] = [0, 0];
      for (let near = Math.max(0, bin - neighbours); near <= Math.min(bins - 1, bin + neighbours); near++) {
        source += this.#loudestBefore[near] as number;
        back += Math.max(this.#heard[near] as number, this.#heardBefore[near] as number);
      }
      if (source < played) continue;
      this.#coupling[bin] = Math.min(boundRise * (this.#coupling[bin] as number), unknown, (aboveHeard * back) / (share * source));
    }
  }

  /**
   * Until the prediction has come true, the echo of anything played of late may come at any time. Afterwards a rest of it still may:
   * a sound unlike those before meets bins that were never learned.
   */
  #expectAnywhere(rest: number): void {
    const { doubtPower } = this.#estimate;
    const { real, imaginary } = this.#reference(0);
    if (this.#newest === 0) {
      this.#loudestBefore.set(this.#loudest);
      this.#loudest.fill(0);
    }
    for (let bin = 0; bin < this.#loudest.length; bin++) {
      const power = (real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2;
      this.#loudest[bin] = Math.max(this.#loudest[bin] as number, power);
      const loudest = Math.max(this.#loudest[bin] as number, this.#loudestBefore[bin] as number);
      doubtPower[bin] = Math.max(doubtPower[bin] as number, rest * share * (this.#coupling[bin] as number) * loudest);
    }
  }

  /** What is taken off makes it louder: the weights are wrong in what is played now, and are learned anew. */
  #mistrust(mic: Float64Array): void {
    const { fourier, partitions } = this.#options;
    const { error, echoPower, doubtPower } = this.#estimate;
    error.set(mic);
    for (let bin = 0; bin < fourier.bins; bin++) doubtPower[bin] = (doubtPower[bin] as number) + (echoPower[bin] as number);
    for (let m = 0; m < partitions; m++) {
      const { real, imaginary } = this.#weights[m] as HalfSpectrum;
      const doubt = this.#doubt[m] as Float64Array;
      for (let bin = 0; bin < fourier.bins; bin++)
        doubt[bin] = (doubt[bin] as number) + mistrust * ((real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2);
    }
  }

  #learn(): void {
    const { fourier, partitions, blockSeconds } = this.#options;
    const forget = Math.exp(-blockSeconds / steadySeconds);
    const { doubtPower } = this.#estimate;
    const error = this.#errorSpectrum;
    for (let bin = 0; bin < fourier.bins; bin++) {
      const power = (error.real[bin] as number) ** 2 + (error.imaginary[bin] as number) ** 2;
      this.#noise[bin] = noiseSmoothing * (this.#noise[bin] as number) + (1 - noiseSmoothing) * power;
    }
    for (let m = 0; m < partitions; m++) {
      const weights = this.#weights[m] as HalfSpectrum;
      const doubt = this.#doubt[m] as Float64Array;
      const reference = this.#reference(m);
      for (let bin = 0; bin < fourier.bins; bin++) {
        const a = reference.real[bin] as number;
        const b = reference.imaginary[bin] as number;
        const e = error.real[bin] as number;
        const f = error.imaginary[bin] as number;
        const gain = (doubt[bin] as number) / ((doubtPower[bin] as number) + (this.#noise[bin] as number) + silence);
        const c = (weights.real[bin] as number) + gain * (a * e + b * f);
        const d = (weights.imaginary[bin] as number) + gain * (a * f - b * e);
        weights.real[bin] = c;
        weights.imaginary[bin] = d;
        const known = Math.max(0, 1 - share * gain * (a * a + b * b));
        doubt[bin] = forget * known * (doubt[bin] as number) + (1 - forget) * (c * c + d * d);
      }
    }
  }

  /** The response of a partition has no more samples than the block: one partition after the other is cut to that. */
  #constrain(): void {
    const { fourier, partitions } = this.#options;
    for (let times = 0; times < constraints; times++) {
      this.#constrained = (this.#constrained + 1) % partitions;
      const weights = this.#weights[this.#constrained] as HalfSpectrum;
      fourier.inverse(weights, this.#signal);
      this.#signal.fill(0, this.#block);
      fourier.forward(this.#signal, weights);
    }
  }
}

/** In how many nepers the prior fades over the modelled response. */
const fade = 3;

/** A room's response fades: what comes late is weaker from the start. */
const priorOf = (partition: number, partitions: number) => unknown * Math.exp((-fade * partition) / partitions);

function energyOf(samples: Float64Array): number {
  let sum = silence;
  for (const sample of samples) sum += sample * sample;
  return sum;
}
