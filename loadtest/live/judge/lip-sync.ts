import { correlate } from "../../av-offset/correlation.ts";
import { measureMouth } from "../../av-offset/mouth-opening.ts";
import { interpolate, type Series, smooth, withoutDrift } from "../../av-offset/series.ts";
import { speechEnvelope } from "../../av-offset/speech-envelope.ts";
import type { Frames } from "../browser/recording.ts";
import type { ClockedSound } from "./level.ts";

/** Where mouth and sound of a stretch of speech fit best. */
export interface LipSync {
  /** Sound minus picture: positive where the sound is late. */
  readonly offsetMs: number;
  /** Correlation there. */
  readonly peak: number;
  /** Whether they fit well enough, and nowhere else nearly as well. */
  readonly lock: boolean;
}

const maxLagMs = 400;
const smoothingMs = 30;
const driftMs = 700;
const leastPeak = 0.45;
const leastOverNext = 1.25;

/**
 * How late the sound is against the mouth, from pixels and samples; the method of `av-offset`, whose bias is under a millisecond.
 * @param fromS the stretch of the clock that is looked at; several seconds of speech
 */
export function measureLipSync(frames: Frames, sound: ClockedSound, fromS: number, toS: number): LipSync {
  const shown = frames.timesS
    .map((timeS, n) => ({ timeS, cells: frames.cells[n] as Uint8Array }))
    .filter(({ timeS }) => timeS >= fromS && timeS < toS);
  if (shown.length < 25) return { offsetMs: Number.NaN, peak: 0, lock: false };
  const side = Math.sqrt(shown[0]?.cells.length ?? 0);
  const timesS = shown.map(({ timeS }) => timeS);
  const { opening } = measureMouth({ columns: side, rows: side, timesS, cells: shown.map(({ cells }) => cells) });
  const [from, to] = [fromS, toS].map((timeS) => Math.max(0, Math.round((timeS - sound.startS) * sound.rateHz)));
  const samples = sound.samples.slice(from, to);
  const voice = speechEnvelope({ sampleRateHz: sound.rateHz, startS: sound.startS + (from ?? 0) / sound.rateHz, samples });
  const found = correlate(prepare(interpolate(timesS, opening)), prepare(voice), maxLagMs);
  const lock = found.peak >= leastPeak && found.peak >= leastOverNext * found.nextPeak;
  return { offsetMs: found.lagMs, peak: found.peak, lock };
}

const prepare = (series: Series): Series => withoutDrift(smooth(series, smoothingMs), driftMs);
