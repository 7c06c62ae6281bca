import { contextFrames } from "./decoder-window.ts";
import { frameSamples, toSamples } from "./signal-format.ts";
import type { SliceLimits } from "./slice-plan.ts";

/** A cancelled slice runs to its end; this leaves room for a machine that becomes busier while it does. */
const sliceComputeMs = 900;
/** Sounded while nobody hears anything yet. */
const firstComputeMs = 250;
const shortestFirst = toSamples(400);
const longestFirst = toSamples(900);
/** Below it the context around a slice costs more than the slice. */
const shortest = toSamples(1_000);
const longest = toSamples(4_000);
/** Turns what a frame costs, as measured when the model was loaded, into how long slices are. */
export function sliceLimits(msPerFrame: number): SliceLimits {
  const samplesIn = (computeMs: number) => (computeMs / msPerFrame - 2 * contextFrames) * frameSamples;
  return {
    firstSamples: Math.min(longestFirst, Math.max(shortestFirst, samplesIn(firstComputeMs))),
    mostSamples: Math.min(longest, Math.max(shortest, samplesIn(sliceComputeMs))),
  };
}
