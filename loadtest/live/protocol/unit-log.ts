import { Track } from "@troupe/contracts";

/** An access unit as it came. */
export interface ReceivedUnit {
  readonly track: Track;
  /** On the session scale. */
  readonly ptsUs: number;
  readonly durationUs: number;
  readonly keyframe: boolean;
  readonly response: number;
  readonly data: Uint8Array;
  /** performance.now() */
  readonly nowMs: number;
}

/** What is kept of a unit. */
export interface LoggedUnit extends Omit<ReceivedUnit, "data"> {
  readonly sizeBytes: number;
  /** RMS in dB of full scale; sound as PCM only. */
  readonly levelDb: number;
  /** Which of the watched tones is in it: index; -1: none, or no clear one. */
  readonly tone: number;
}

export const soundRateHz = 24_000;
/** Quieter units count as silent. */
export const audibleDb = -50;

/** Notes units without keeping their bytes. */
export class UnitLog {
  /** Frequencies by which sessions are told apart. */
  tonesHz: readonly number[] = [];
  readonly units: LoggedUnit[] = [];
  readonly #newestUs = new Map<Track, number>();

  add({ data, ...unit }: ReceivedUnit): void {
    const sound = unit.track === Track.AUDIO ? samplesOf(data) : undefined;
    const levelDb = sound ? levelOf(sound) : Number.NEGATIVE_INFINITY;
    const tone = sound && levelDb >= audibleDb && this.tonesHz.length > 0 ? strongestTone(sound, this.tonesHz) : -1;
    this.units.push({ ...unit, sizeBytes: data.length, levelDb, tone });
    this.#newestUs.set(unit.track, unit.ptsUs + unit.durationUs);
  }

  /** End of the newest unit of a track, on the session scale; 0: none came. */
  newestUs(track: Track): number {
    return this.#newestUs.get(track) ?? 0;
  }

  of(track: Track, fromMs = 0, toMs = Number.POSITIVE_INFINITY): readonly LoggedUnit[] {
    return this.units.filter((unit) => unit.track === track && unit.nowMs >= fromMs && unit.nowMs < toMs);
  }
}

/** How late each unit came, in milliseconds, against the one that came earliest for its time. */
export function latenessMs(units: readonly LoggedUnit[]): readonly number[] {
  const delays = units.map(({ nowMs, ptsUs }) => nowMs - ptsUs / 1000);
  const least = Math.min(...delays);
  return delays.map((delay) => delay - least);
}

/** The longest time between two arrivals, or to the end of the span. */
export function longestGapMs(arrivalsMs: readonly number[], fromMs: number, toMs: number): number {
  let [last, longest] = [fromMs, 0];
  for (const nowMs of [...arrivalsMs.filter((value) => value >= fromMs && value <= toMs), toMs]) {
    longest = Math.max(longest, nowMs - last);
    last = nowMs;
  }
  return longest;
}

function samplesOf(data: Uint8Array): Float32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float32Array.from({ length: data.byteLength >> 1 }, (_, n) => view.getInt16(n * 2, true) / 32768);
}

function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length);
  return power > 0 ? 10 * Math.log10(power) : Number.NEGATIVE_INFINITY;
}

/** Less than 6 dB over the next is no tone of its own: a unit on the border of two sounds. */
const clearRatio = 4;

/** The tone with clearly the most energy (Goertzel's algorithm), for tones at least 40 Hz apart. @returns its index; -1: none */
export function strongestTone(samples: Float32Array, tonesHz: readonly number[]): number {
  const energies = tonesHz.map((toneHz) => {
    const factor = 2 * Math.cos((2 * Math.PI * toneHz) / soundRateHz);
    let [one, two] = [0, 0];
    for (const value of samples) [one, two] = [value + factor * one - two, one];
    return one * one + two * two - factor * one * two;
  });
  const [most = 0, next = 0] = energies.toSorted((a, b) => b - a);
  return most > clearRatio * next ? energies.indexOf(most) : -1;
}
