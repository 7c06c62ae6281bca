import type { Segment } from "../english/segments.ts";
import { frameSamples, toSamples } from "./signal-format.ts";

/** A stretch of segments, [from, to), that is sounded by one run of the decoder. */
export interface SlicePlan {
  readonly from: number;
  readonly to: number;
}

export interface SliceLimits {
  /** About how long the first slice is, so that sound comes early. */
  readonly firstSamples: number;
  /** No slice is longer, unless one phone is. */
  readonly mostSamples: number;
}

/** Each slice may be this much longer than the one before: it is made while that one plays. */
const growth = 1.6;
/** What it costs to cut elsewhere than wanted: in units of the energy curve, for a slice of half or twice the length. */
const lengthCost = 6;
const midWordCost = 8;
const pauseGain = 8;

/**
 * Cuts a run into slices at phone bounds where the voice is quiet: best in a pause, else between words, else within one.
 * @param energy two values per frame, see RunPlan
 */
export function planSlices(segments: readonly Segment[], energy: Float32Array, limits: SliceLimits): SlicePlan[] {
  const slices: SlicePlan[] = [];
  let target = Math.min(limits.firstSamples, limits.mostSamples);
  for (let from = 0; from < segments.length; ) {
    const to = nextCut(segments, energy, from, Math.min(target, limits.mostSamples), limits.mostSamples);
    slices.push({ from, to });
    from = to;
    target *= growth;
  }
  return slices;
}

function nextCut(segments: readonly Segment[], energy: Float32Array, from: number, target: number, most: number): number {
  const start = (segments[from] as Segment).start + (from === 0 ? (segments[0] as Segment).end : 0);
  const end = (segments.at(-1) as Segment).start;
  if (end - start <= Math.min(most, 1.4 * target) || from >= segments.length - 2) return segments.length;
  let best = from + 1;
  let bestCost = Number.POSITIVE_INFINITY;
  // The silence at the end goes with the last sound.
  for (let index = from + 1; index < segments.length - 1; index++) {
    const length = (segments[index] as Segment).start - start;
    if (length > most || length > 2 * target) break;
    if (length < toSamples(150)) continue;
    const cost = cutCost(segments, energy, index) + lengthCost * Math.abs(Math.log2(length / target));
    if (cost < bestCost) {
      best = index;
      bestCost = cost;
    }
  }
  return best;
}

function cutCost(segments: readonly Segment[], energy: Float32Array, index: number): number {
  const after = segments[index] as Segment;
  const before = segments[index - 1] as Segment;
  const at = Math.round((2 * after.start) / frameSamples);
  const loudness = Math.max(energy[at - 1] ?? -10, energy[at] ?? -10);
  // A pause belongs to the slice before it, so that a slice begins with sound.
  if (before.symbol === "") return loudness - pauseGain;
  return loudness + (after.word === before.word && after.symbol !== "" ? midWordCost : 0) + (after.symbol === "" ? pauseGain : 0);
}
