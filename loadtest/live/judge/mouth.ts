import { quantile } from "@troupe/report";
import { findMouth } from "../../av-offset/mouth-region.ts";
import type { Frames } from "../browser/recording.ts";

/** How much the mouth moved from each picture to the next, in levels of brightness (mean over its cells). */
export interface MouthTrack {
  readonly timesS: readonly number[];
  readonly motion: Float64Array;
}

/** Finds the mouth by its pixels: what moves most steadily in the lower face. The pictures must show it speaking somewhere. */
export function trackMouth({ timesS, cells }: Frames): MouthTrack {
  const side = Math.sqrt(cells[0]?.length ?? 0);
  const mouth = cells.length > 1 ? findMouth({ columns: side, rows: side, timesS, cells }) : [];
  const motion = Float64Array.from(cells, (picture, n) => {
    const before = cells[n - 1] ?? picture;
    return mouth.reduce((sum, cell) => sum + Math.abs((picture[cell] as number) - (before[cell] as number)), 0) / Math.max(1, mouth.length);
  });
  return { timesS, motion };
}

/** A silent face breathes, sways and blinks; a mouth that speaks moves more than its liveliest pictures by this factor. */
const overIdle = 1.6;
const idleShare = 0.98;
/** Below it, nothing that an eye would take for speech. */
const leastMotion = 1.5;

/** The motion above which the mouth counts as speaking, from a span in which it is silent. */
export function idleBound(track: MouthTrack, fromS: number, toS: number): number {
  const idle = [...track.motion].filter((_, n) => within(track.timesS[n] as number, fromS, toS));
  return Math.max(leastMotion, overIdle * (idle.length === 0 ? 0 : quantile(idle, idleShare)));
}

/** The first picture within a span in which the mouth speaks: it moves, and moves on in one of the next two. Undefined: never. */
export function firstSpeaking(track: MouthTrack, bound: number, fromS: number, toS: number): number | undefined {
  const moves = (n: number) => (track.motion[n] ?? 0) > bound;
  const found = track.timesS.findIndex((timeS, n) => within(timeS, fromS, toS) && moves(n) && (moves(n + 1) || moves(n + 2)));
  return found < 0 ? undefined : track.timesS[found];
}

const stillS = 0.24;

/** The picture from which on the mouth stands still for at least 240 ms, after `fromS`; `fromS` itself where it already does. */
export function stillAt(track: MouthTrack, bound: number, fromS: number): number {
  let lastS = fromS;
  for (const [n, timeS] of track.timesS.entries()) {
    if (timeS < fromS || (track.motion[n] as number) <= bound) continue;
    if (timeS - lastS > stillS) return lastS;
    lastS = timeS;
  }
  return lastS;
}

const within = (timeS: number, fromS: number, toS: number) => timeS >= fromS && timeS < toS;
