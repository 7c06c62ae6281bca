import type { PitchTrack } from "./pitch-track.ts";
import { meanPitchHz, semitoneRatio } from "./prosody.ts";

/** Spacing of the grains where there is no voice, in seconds. */
const unvoicedSpacing = 0.005;
const lowestHz = 50;
const highestHz = 800;

interface Mark {
  /** Sample. */
  readonly at: number;
  /** Samples to the next mark. */
  readonly period: number;
  readonly pitchHz: number;
}

export interface PitchShift {
  readonly semitones: number;
  /** Factor of the distance from the mean. */
  readonly range: number;
  /** The pitch as it is. */
  readonly track: PitchTrack;
}

/**
 * Shifts the pitch of speech and widens its range around the mean; formants, length and what has no voice stay. Time-domain pitch
 * synchronous overlap-add (Moulines & Charpentier, Speech Communication 9, 1990).
 */
export function shiftPitch(samples: Float32Array, sampleRateHz: number, { semitones, range, track }: PitchShift): Float32Array {
  const mean = meanPitchHz(track.pitchHz);
  if (mean === 0) return samples.slice();
  const shift = semitoneRatio(semitones);
  const wanted = (pitch: number) => Math.min(highestHz, Math.max(lowestHz, mean * shift * (pitch / mean) ** range));
  return overlapAdd(samples, sampleRateHz, placeMarks(samples, sampleRateHz, track), wanted);
}

/** One mark a period, each where the signal is most like it was a period before; every 5 ms where there is no voice. */
function placeMarks(samples: Float32Array, sampleRateHz: number, { hopMs, pitchHz }: PitchTrack): Mark[] {
  const hop = (hopMs * sampleRateHz) / 1000;
  const marks: Mark[] = [];
  let inVoice = false;
  for (let at = 0; at < samples.length; ) {
    const pitch = pitchHz[Math.min(pitchHz.length - 1, Math.floor(at / hop))] ?? 0;
    const period = Math.round(pitch > 0 ? sampleRateHz / pitch : unvoicedSpacing * sampleRateHz);
    const last = marks.at(-1);
    let settled = at;
    if (pitch > 0) settled = inVoice && last ? alike(samples, last.at, at, period) : highestWithin(samples, at, period);
    inVoice = pitch > 0;
    marks.push({ at: settled, period, pitchHz: pitch });
    at = settled + period;
  }
  return marks;
}

function highestWithin(samples: Float32Array, from: number, length: number): number {
  let best = from;
  for (let n = from; n < Math.min(samples.length, from + length); n++) if ((samples[n] as number) > (samples[best] as number)) best = n;
  return best;
}

/** The place near `at` whose surroundings correlate best with those of the previous mark. */
function alike(samples: Float32Array, previous: number, at: number, period: number): number {
  const reach = Math.round(period * 0.15);
  const half = period >> 1;
  let best = at;
  let bestSum = Number.NEGATIVE_INFINITY;
  for (let candidate = at - reach; candidate <= at + reach; candidate++) {
    let sum = 0;
    for (let n = -half; n < half; n += 2) sum += (samples[previous + n] ?? 0) * (samples[candidate + n] ?? 0);
    if (sum > bestSum) {
      bestSum = sum;
      best = candidate;
    }
  }
  return best;
}

/** Puts windowed grains of two periods at the wanted spacing, each from the nearest mark, at the level they had. */
function overlapAdd(
  samples: Float32Array,
  sampleRateHz: number,
  marks: readonly Mark[],
  wanted: (pitchHz: number) => number,
): Float32Array {
  const output = new Float32Array(samples.length);
  let nearest = 0;
  for (let at = marks[0]?.at ?? 0; at < samples.length; ) {
    while (nearest + 1 < marks.length && Math.abs((marks[nearest + 1] as Mark).at - at) <= Math.abs((marks[nearest] as Mark).at - at))
      nearest++;
    const mark = marks[nearest] as Mark;
    // Where there is no voice, the marks themselves are the grid: the sound stays what it is.
    const spacing = mark.pitchHz > 0 ? sampleRateHz / wanted(mark.pitchHz) : Math.max(mark.period / 2, mark.at + mark.period - at);
    addGrain(samples, mark, { to: Math.round(at), gain: mark.pitchHz > 0 ? Math.sqrt(spacing / mark.period) : 1 }, output);
    at += spacing;
  }
  return output;
}

function addGrain(samples: Float32Array, { at, period }: Mark, grain: { to: number; gain: number }, output: Float32Array): void {
  for (let n = -period; n < period; n++) {
    const target = grain.to + n;
    if (target < 0 || target >= output.length) continue;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * n) / period);
    output[target] = (output[target] as number) + grain.gain * window * (samples[at + n] ?? 0);
  }
}
