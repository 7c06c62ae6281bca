import { createFourier, createMelFilters } from "@troupe/audio";
import { SAMPLE_RATE_HZ } from "../transcribe-request.ts";

export const MEL_BANDS = 80;
/** Samples from one frame to the next: 10 ms. */
export const HOP_SAMPLES = 160;
const WINDOW_SAMPLES = 400;
const BINS = WINDOW_SAMPLES / 2 + 1;
const FLOOR = 1e-10;

/**
 * Whisper's input: log10 of the mel spectrum, at most 8 below its peak, scaled to about -1..1
 * (Radford et al. 2022, section 2.2, and OpenAI's reference code).
 * @param samples 16 kHz mono; what lies beyond `frames` is not looked at, what is missing is silence
 * @returns [MEL_BANDS, frames], band by band
 */
export type LogMel = (samples: Float32Array, frames: number) => Float32Array;

export function createLogMel(): LogMel {
  const fourier = createFourier(WINDOW_SAMPLES);
  const filters = createMelFilters(MEL_BANDS, WINDOW_SAMPLES, SAMPLE_RATE_HZ);
  const hann = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES));
  const real = new Float64Array(WINDOW_SAMPLES);
  const imaginary = new Float64Array(WINDOW_SAMPLES);
  const power = new Float64Array(BINS);

  return (samples, frames) => {
    const mel = new Float32Array(MEL_BANDS * frames).fill(Math.log10(FLOOR));
    const sounding = Math.min(frames, Math.ceil((samples.length + WINDOW_SAMPLES / 2) / HOP_SAMPLES));
    // Two real frames go through one complex transform, one as its real and one as its imaginary part.
    for (let frame = 0; frame < sounding; frame += 2) {
      fillFrame(real, samples, frame, hann);
      fillFrame(imaginary, samples, frame + 1, hann);
      fourier.forward(real, imaginary);
      for (const part of [0, 1] as const) {
        if (frame + part >= sounding) break;
        separatePower(real, imaginary, part, power);
        for (let band = 0; band < MEL_BANDS; band++) {
          const { firstBin, weights } = filters[band] as (typeof filters)[number];
          let energy = 0;
          for (let index = 0; index < weights.length; index++) energy += (weights[index] as number) * (power[firstBin + index] as number);
          mel[band * frames + frame + part] = Math.log10(Math.max(energy, FLOOR));
        }
      }
    }
    compress(mel);
    return mel;
  };
}

/** Frames are centred on multiples of the hop; the signal is mirrored at its start. */
function fillFrame(target: Float64Array, samples: Float32Array, frame: number, hann: Float64Array): void {
  const start = frame * HOP_SAMPLES - WINDOW_SAMPLES / 2;
  for (let index = 0; index < WINDOW_SAMPLES; index++) target[index] = (samples[Math.abs(start + index)] ?? 0) * (hann[index] as number);
}

/** The power spectrum of one of the two frames: the even or the odd part of the transform. */
function separatePower(real: Float64Array, imaginary: Float64Array, part: 0 | 1, power: Float64Array): void {
  const sign = part === 0 ? 1 : -1;
  for (let bin = 0; bin < BINS; bin++) {
    const mirror = bin === 0 ? 0 : WINDOW_SAMPLES - bin;
    const a = ((real[bin] as number) + sign * (real[mirror] as number)) / 2;
    const b = ((imaginary[bin] as number) - sign * (imaginary[mirror] as number)) / 2;
    power[bin] = a * a + b * b;
  }
}

function compress(mel: Float32Array): void {
  let peak = Number.NEGATIVE_INFINITY;
  for (const value of mel) if (value > peak) peak = value;
  for (let index = 0; index < mel.length; index++) mel[index] = (Math.max(mel[index] as number, peak - 8) + 4) / 4;
}
