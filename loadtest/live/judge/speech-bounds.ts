import { firstAbove, lastAbove, loudest, measureLevel } from "./level.ts";

/** What lies further below the loudest 10 ms is no voice: breath, room, fade. */
const rangeDb = 35;

/** Where the voice begins and ends in a line, in seconds from its first sample. @throws RangeError for silence */
export function speechBounds(samples: Float32Array, rateHz: number): { readonly startS: number; readonly endS: number } {
  const level = measureLevel({ rateHz, startS: 0, samples });
  const limitDb = loudest(level, 0, Number.POSITIVE_INFINITY) - rangeDb;
  const [startS, endS] = [firstAbove(level, limitDb, 0, samples.length / rateHz), lastAbove(level, limitDb, 0, samples.length / rateHz)];
  if (startS === undefined || endS === undefined || limitDb < -100) throw new RangeError("a line without a voice");
  return { startS, endS };
}
