import { ServiceError } from "@troupe/errors";
import type { FaceBackend, MotionFrame, SpeechChunk } from "../backend.ts";
import { type Animator, createAnimator } from "./animator.ts";

/** A smaller jump of the time scale is rounding. */
const smallestGapUs = 10_000;

/**
 * Facial motion from the phones that the voice reports: the cheapest path through the windows that the phones prescribe, sure lip
 * contacts, accents of head and brows from the speech's energy and pitch, and the expression of the clause's delivery. Where phones are missing the sound's envelope drives the mouth. Same speech,
 * same frames, however it is cut into chunks; a frame follows once 80 ms of speech beyond it are there. Costs well under 1 % of a core.
 */
export function createPhonesBackend(): FaceBackend {
  return {
    name: "phones",
    async *animate(speech, { framesPerSecond, signal }) {
      let animator: Animator | undefined;
      let expectedUs = 0;
      for await (const chunk of speech) {
        refuseAborted(signal);
        if (!animator) {
          animator = createAnimator(chunk, framesPerSecond);
          expectedUs = chunk.ptsUs;
        }
        const gap = silenceBefore(chunk, expectedUs);
        if (gap.length > 0) animator.push(gap, []);
        animator.push(chunk.samples, chunk.phones, chunk.delivery);
        expectedUs += ((gap.length + chunk.samples.length) * 1_000_000) / chunk.sampleRateHz;
        yield* whileWanted(animator.ready(), signal);
      }
      refuseAborted(signal);
      if (animator) yield* whileWanted(animator.finish(), signal);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function* whileWanted(frames: readonly MotionFrame[], signal: AbortSignal | undefined): Generator<MotionFrame> {
  for (const frame of frames) {
    refuseAborted(signal);
    yield frame;
  }
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw ServiceError.from(signal.reason);
}

function silenceBefore({ ptsUs, sampleRateHz }: SpeechChunk, expectedUs: number): Int16Array {
  const gapUs = ptsUs - expectedUs;
  return new Int16Array(gapUs < smallestGapUs ? 0 : Math.round((gapUs * sampleRateHz) / 1_000_000));
}
