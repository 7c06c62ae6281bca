import { ServiceError } from "@troupe/errors";
import type { SpeechChunk } from "./backend.ts";

/** A smaller jump of the time scale is rounding. */
const smallestGapUs = 10_000;
/** No voice pauses for so long within a response; beyond it the times are wrong, and silence for them would have no bound. */
const longestGapUs = 5_000_000;

/**
 * Call with each chunk of one response in order.
 * @returns the silence that lies between the speech so far and the chunk: where its time jumps ahead by 10 ms to 5 s; else no samples
 * @throws ServiceError INVALID_REQUEST beyond 5 s
 */
export type FillGap = (chunk: Pick<SpeechChunk, "ptsUs" | "samples" | "sampleRateHz">) => Int16Array;

export function createGapFiller(): FillGap {
  let expectedUs: number | undefined;
  return ({ ptsUs, samples, sampleRateHz }) => {
    expectedUs ??= ptsUs;
    const gapUs = ptsUs - expectedUs;
    if (gapUs > longestGapUs) {
      throw new ServiceError("INVALID_REQUEST", `pts_us: speech jumps ahead by ${(gapUs / 1e6).toFixed(1)} s, at most 5 s are filled`);
    }
    const silence = new Int16Array(gapUs < smallestGapUs ? 0 : Math.round((gapUs * sampleRateHz) / 1_000_000));
    expectedUs += ((silence.length + samples.length) * 1_000_000) / sampleRateHz;
    return silence;
  };
}
