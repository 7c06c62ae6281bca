import { createNoiseTable } from "./noise.ts";
import { createPulseTrain } from "./pulse-train.ts";
import { createRealFft } from "./real-fft.ts";
import { evaluate, sampleFunction } from "./sampled-function.ts";
import { binCount, type FrameSpectra, hopSamples, windowSamples } from "./signal-format.ts";

/** Frames worked on together: one cache line of a spectrum's row. */
const blockFrames = 16;
const largestLog = 7;

/** Frame spectra to samples in about -1..1, frames * hopSamples of them. The same seed gives the same noise. */
export type Vocoder = (spectra: FrameSpectra, seed: number) => Float32Array;

/**
 * Hibari's synthesis: a pulse train through the harmonic filter, plus shaped noise, plus a part with free phase,
 * `S = exp(lh) e^(i pi tanh theta) STFT(pulses) + exp(ln) N + exp(lr) e^(i phi)`, and one inverse short-time Fourier transform
 * (Griffin & Lim's least-squares overlap-add, 1984). Keeps buffers between calls: one at a time.
 */
export function createVocoder(): Vocoder {
  const fft = createRealFft(windowSamples);
  const window = Float64Array.from({ length: windowSamples }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / windowSamples));
  const noise = createNoiseTable(1 << 16);
  const rows = Array.from({ length: blockFrames }, () => ({ re: new Float64Array(binCount), im: new Float64Array(binCount) }));
  const frame = new Float64Array(windowSamples);

  return (spectra, seed) => {
    noise.reset(seed);
    const pulses = createPulseTrain(spectra.pitchHz);
    const output = new Float64Array(spectra.frames * hopSamples + windowSamples);
    for (let first = 0; first < spectra.frames; first += blockFrames) {
      const block = rows.slice(0, Math.min(blockFrames, spectra.frames - first));
      for (const [index, row] of block.entries()) {
        cutFrame(pulses, (first + index) * hopSamples, window, frame);
        fft.forward(frame, row.re, row.im);
      }
      shape(spectra, first, block, noise);
      for (const [index, row] of block.entries()) {
        fft.inverse(row.re, row.im, frame);
        const at = (first + index) * hopSamples;
        for (let n = 0; n < windowSamples; n++) output[at + n] = (output[at + n] as number) + (frame[n] as number) * (window[n] as number);
      }
    }
    return normalize(output, spectra.frames, window);
  };
}

type SpectrumRow = { readonly re: Float64Array; readonly im: Float64Array };

/** The windowed samples around a frame's centre, mirrored at the ends; a unit cosine peaks at 1 in its spectrum. */
function cutFrame(signal: Float64Array, centre: number, window: Float64Array, frame: Float64Array): void {
  const last = signal.length - 1;
  const gain = 4 / windowSamples;
  for (let n = 0; n < windowSamples; n++) {
    let at = Math.abs(centre - windowSamples / 2 + n);
    if (at > last) at = Math.max(0, 2 * last - at);
    frame[n] = (signal[at] as number) * (window[n] as number) * gain;
  }
}

const exponential = sampleFunction(Math.exp, -24, largestLog, 128);
const tanhCosine = sampleFunction((x) => Math.cos(Math.PI * Math.tanh(x)), -6, 6, 256);
const tanhSine = sampleFunction((x) => Math.sin(Math.PI * Math.tanh(x)), -6, 6, 256);
const turn = sampleFunction((x) => Math.cos(2 * Math.PI * x), 0, 1, 2048);

/** Turns the pulse spectra of a block into the spectra of the speech. */
function shape(spectra: FrameSpectra, first: number, block: readonly SpectrumRow[], noise: ReturnType<typeof createNoiseTable>): void {
  for (let bin = 0; bin < binCount; bin++) {
    let random = noise.seek(2 * blockFrames);
    let at = bin * spectra.frames + first;
    for (const { re, im } of block) {
      const harmonic = evaluate(exponential, spectra.harmonicLog[at] as number);
      const theta = spectra.harmonicPhase[at] as number;
      const filterRe = harmonic * evaluate(tanhCosine, theta);
      const filterIm = harmonic * evaluate(tanhSine, theta);
      const noiseGain = evaluate(exponential, spectra.noiseLog[at] as number);
      const residual = evaluate(exponential, spectra.residualLog[at] as number);
      const cycles = (spectra.residualPhase[at] as number) / (2 * Math.PI);
      const pulseRe = re[bin] as number;
      const pulseIm = im[bin] as number;
      re[bin] =
        pulseRe * filterRe -
        pulseIm * filterIm +
        noiseGain * (noise.values[random++] as number) +
        residual * evaluate(turn, cycles - Math.floor(cycles));
      im[bin] =
        pulseRe * filterIm +
        pulseIm * filterRe +
        noiseGain * (noise.values[random++] as number) +
        residual * evaluate(turn, cycles + 0.75 - Math.floor(cycles + 0.75));
      at++;
    }
  }
}

/** Divides by the summed squared windows and drops the half window before the first frame's centre. */
function normalize(output: Float64Array, frames: number, window: Float64Array): Float32Array {
  const samples = new Float32Array(frames * hopSamples);
  const overlaps = windowSamples / hopSamples;
  for (let n = 0; n < samples.length; n++) {
    const at = n + windowSamples / 2;
    let weight = 0;
    const newest = Math.floor(at / hopSamples);
    for (let k = Math.max(0, newest - overlaps + 1); k <= Math.min(frames - 1, newest); k++) {
      weight += (window[at - k * hopSamples] as number) ** 2;
    }
    samples[n] = (output[at] as number) / Math.max(weight, 1e-11);
  }
  return samples;
}
