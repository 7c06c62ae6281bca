import { featureCount, frameSamples, type RunPlan } from "./signal-format.ts";

/** What the decoder gets for a stretch of frames. */
export interface DecoderWindow {
  /** The run's frame that is the window's first. */
  readonly firstFrame: number;
  readonly frames: number;
  /** See RunPlan. */
  readonly features: Float32Array;
  readonly pitchHz: Float32Array;
  readonly energy: Float32Array;
}

/** Frames around a slice that are sounded with it and thrown away: the decoder looks about so far. */
export const contextFrames = 4;
/** Half frames at the start of a window whose pitch is bent so that the harmonics arrive in phase. */
const bentHalfFrames = 4;
/** Per half frame of 12.5 ms, in cycles per hertz. */
const halfFrameSeconds = frameSamples / 2 / 24_000;

/** The frames of the samples [from, to) of a run with their context, in phase with the whole. */
export function cutWindow(plan: RunPlan, from: number, to: number): DecoderWindow {
  const firstFrame = Math.max(0, Math.floor(from / frameSamples) - contextFrames);
  const end = Math.min(plan.frames, Math.ceil(to / frameSamples) + contextFrames);
  const frames = end - firstFrame;
  const features = new Float32Array(featureCount * frames);
  for (let row = 0; row < featureCount; row++) {
    features.set(plan.features.subarray(row * plan.frames + firstFrame, row * plan.frames + end), row * frames);
  }
  const pitchHz = plan.pitchHz.slice(2 * firstFrame, 2 * end);
  bendIntoPhase(plan.pitchHz, 2 * firstFrame, pitchHz);
  return { firstFrame, frames, features, pitchHz, energy: plan.energy.slice(2 * firstFrame, 2 * end) };
}

/**
 * The decoder's source is a sum of sines whose phase is the running sum of the pitch, from 0 at the window's start. A few hertz more in
 * frames that nobody hears make up for the fraction of a cycle that the run has turned until there.
 */
function bendIntoPhase(runPitchHz: Float32Array, start: number, pitchHz: Float32Array): void {
  if (start === 0) return;
  let cycles = 0;
  for (let index = 0; index < start; index++) cycles += (runPitchHz[index] as number) * halfFrameSeconds;
  const missing = cycles - Math.round(cycles);
  const count = Math.min(bentHalfFrames, pitchHz.length);
  for (let index = 0; index < count; index++) pitchHz[index] = (pitchHz[index] as number) + missing / (count * halfFrameSeconds);
}
