import { Track } from "@troupe/contracts";
import { type HeardUnit, hearUnit } from "./marks.ts";

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
export interface LoggedUnit extends Omit<ReceivedUnit, "data">, HeardUnit {
  readonly sizeBytes: number;
}

const noSound: HeardUnit = { levelDb: Number.NEGATIVE_INFINITY, marks: [] };

/** Notes units of access without keeping their bytes; sound is PCM. */
export class UnitLog {
  readonly units: LoggedUnit[] = [];
  readonly #newestUs = new Map<Track, number>();

  add({ data, ...unit }: ReceivedUnit): void {
    const heard = unit.track === Track.AUDIO ? hearUnit(samplesOf(data)) : noSound;
    this.units.push({ ...unit, ...heard, sizeBytes: data.length });
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

/** The longest time between two of some moments, or to the ends of the span. */
export function longestGap(
  arrivalsMs: readonly number[],
  fromMs: number,
  toMs: number,
): { readonly startMs: number; readonly endMs: number } {
  let last = fromMs;
  let longest = { startMs: fromMs, endMs: fromMs };
  for (const nowMs of [...arrivalsMs.filter((value) => value >= fromMs && value <= toMs), toMs]) {
    if (nowMs - last > longest.endMs - longest.startMs) longest = { startMs: last, endMs: nowMs };
    last = nowMs;
  }
  return longest;
}

function samplesOf(data: Uint8Array): Float32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float32Array.from({ length: data.byteLength >> 1 }, (_, n) => view.getInt16(n * 2, true) / 32768);
}
