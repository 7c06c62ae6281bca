import { createFourier, createMelFilters } from "@troupe/audio";

export const sampleRateHz = 16_000;
export const bands = 64;
/** From one frame to the next: 10 ms. */
export const hopSamples = 160;
const windowSamples = 400;
const fourierSize = 512;
const floor = 1e-7;

/** Level and timbre so far: what is taken away so that voices, rooms and microphones look alike. */
export interface MelState {
  /** The last samples, which the next frame's window still covers. */
  readonly tail: Float32Array;
  /** Running mean per band of the frames that are speech. */
  readonly mean: Float64Array;
  /** Frames behind the mean. */
  readonly count: number;
  /** The loudest level lately. */
  readonly peak: number;
}

/** As in models/mouth-net/recipe/log_mel.py, in natural logarithms of power. */
const priorFrames = 50;
const memoryFrames = 300;
const speechRange = 5;
const peakDecay = 0.005;
const firstPeak = -12;
const scale = 3;

/** @param prior mean per band before anything is heard */
export function firstMelState(prior: readonly number[]): MelState {
  return { tail: new Float32Array(windowSamples - hopSamples), mean: Float64Array.from(prior), count: priorFrames, peak: firstPeak };
}

/**
 * Log mel frames of a stream, less their running mean. A frame ends with the last sample of its hop, so nothing ahead is needed.
 * @param samples 16 kHz mono, -1..1, a multiple of 160
 * @returns [samples / 160, 64] and the state for what follows
 */
export type MelStream = (state: MelState, samples: Float32Array) => { readonly frames: Float32Array; readonly state: MelState };

export function createMelStream(): MelStream {
  const spectrum = createPowerSpectrum();
  const filters = createMelFilters(bands, fourierSize, sampleRateHz);
  const energy = ({ firstBin, weights }: (typeof filters)[number], power: Float64Array) => {
    let sum = 0;
    for (let index = 0; index < weights.length; index++) sum += (weights[index] as number) * (power[firstBin + index] as number);
    return sum;
  };
  return (state, samples) => {
    const joined = new Float32Array(state.tail.length + samples.length);
    joined.set(state.tail);
    joined.set(samples, state.tail.length);
    const normaliser = createNormaliser(state);
    const frames = new Float32Array((samples.length / hopSamples) * bands);
    for (let frame = 0; frame * hopSamples < samples.length; frame++) {
      const power = spectrum(joined.subarray(frame * hopSamples, frame * hopSamples + windowSamples));
      const logs = Float64Array.from(filters, (filter) => Math.log(energy(filter, power) + floor));
      frames.set(normaliser.step(logs), frame * bands);
    }
    return { frames, state: { tail: joined.slice(samples.length), ...normaliser.state() } };
  };
}

function createPowerSpectrum(): (window: Float32Array) => Float64Array {
  const fourier = createFourier(fourierSize);
  const hann = Float64Array.from({ length: windowSamples }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / windowSamples));
  const real = new Float64Array(fourierSize);
  const imaginary = new Float64Array(fourierSize);
  const power = new Float64Array(fourierSize / 2 + 1);
  return (window) => {
    real.fill(0);
    imaginary.fill(0);
    for (let n = 0; n < windowSamples; n++) real[n] = (window[n] as number) * (hann[n] as number);
    fourier.forward(real, imaginary);
    for (let bin = 0; bin < power.length; bin++) power[bin] = (real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2;
    return power;
  };
}

/** Only frames near the loudest so far are taken for speech and move the mean. */
function createNormaliser(from: Omit<MelState, "tail">) {
  const mean = from.mean.slice();
  let { count, peak } = from;
  return {
    step(logs: Float64Array): Float64Array {
      const level = logs.reduce((sum, value) => sum + value, 0) / bands;
      peak = Math.max(peak - peakDecay, level);
      if (level > peak - speechRange) {
        count = Math.min(count + 1, memoryFrames);
        for (let band = 0; band < bands; band++)
          mean[band] = (mean[band] as number) + ((logs[band] as number) - (mean[band] as number)) / count;
      }
      return logs.map((value, band) => (value - (mean[band] as number)) / scale);
    },
    state: () => ({ mean, count, peak }),
  };
}
