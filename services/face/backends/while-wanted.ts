import { ServiceError } from "@troupe/errors";
import type { MotionFrame } from "./backend.ts";

/** The frames, until the caller aborts. @throws ServiceError the signal's reason */
export function* whileWanted(frames: readonly MotionFrame[], signal: AbortSignal | undefined): Generator<MotionFrame> {
  for (const frame of frames) {
    refuseAborted(signal);
    yield frame;
  }
}

/** @throws ServiceError the reason of a signal that has aborted */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw ServiceError.from(signal.reason);
}
