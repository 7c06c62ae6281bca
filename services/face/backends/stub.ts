import { ServiceError } from "@troupe/errors";
import { blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { FaceBackend, MotionFrame } from "./backend.ts";

/** The same small motion for any speech: a slow chewing, 2 Hz. For tests and benchmarks. */
export function createStubBackend(): FaceBackend {
  return {
    name: "stub",
    async *animate(speech, { framesPerSecond, signal }) {
      let next: number | undefined;
      let endUs = 0;
      for await (const chunk of speech) {
        next ??= Math.floor((chunk.ptsUs * framesPerSecond) / 1_000_000 + 1e-6);
        endUs = chunk.ptsUs + (chunk.samples.length * 1_000_000) / chunk.sampleRateHz;
        for (; next + 1 <= (endUs * framesPerSecond) / 1_000_000; next++) yield chew(next, framesPerSecond, signal);
      }
      if (signal?.aborted) throw ServiceError.from(signal.reason);
      if (next === undefined) return;
      for (; next < (endUs * framesPerSecond) / 1_000_000 - 1e-6; next++) yield chew(next, framesPerSecond, signal);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function chew(index: number, framesPerSecond: number, signal: AbortSignal | undefined): MotionFrame {
  if (signal?.aborted) throw ServiceError.from(signal.reason);
  const weights = new Float32Array(blendShapeNames.length);
  weights[blendShapeIndex.jawOpen] = 0.1 - 0.1 * Math.cos((4 * Math.PI * index) / framesPerSecond);
  return { ptsUs: Math.round((index * 1_000_000) / framesPerSecond), weights, head: { yaw: 0, pitch: 0, roll: 0 } };
}
