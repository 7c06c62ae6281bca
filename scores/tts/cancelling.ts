import { isServiceError } from "@troupe/errors";
import type { TtsBackend } from "@troupe/tts/backends";
import { median, speak, type Wanted } from "./spoken.ts";

export interface Cancelling {
  /** Slices that came out after the cancel, of all rounds. */
  readonly slicesAfter: number;
  /** From the cancel until the next answer's first sound, less what it takes on an idle voice; one a round. */
  readonly delaysMs: readonly number[];
}

/** Cancels come within half of this, or of the time that the clause takes. */
const longestWaitMs = 4_000;

/** Cancels a long clause at different moments and asks for a short one at once. */
export async function measureCancelling(tts: TtsBackend, long: Wanted, next: Wanted, rounds: number): Promise<Cancelling> {
  const never = new AbortController().signal;
  const alone: number[] = [];
  for (let round = 0; round < 5; round++) alone.push((await speak(tts, next, never)).firstMs);
  const { totalMs } = await speak(tts, long, never);
  const delaysMs: number[] = [];
  let slicesAfter = 0;
  for (let round = 0; round < rounds; round++) {
    const abort = new AbortController();
    const reading = readUntilCancelled(tts, long, abort.signal);
    await sleep((Math.min(totalMs, longestWaitMs) * (round + 0.5)) / rounds / 2);
    abort.abort();
    const { firstMs } = await speak(tts, next, never);
    slicesAfter += await reading;
    delaysMs.push(firstMs - median(alone));
  }
  return { slicesAfter, delaysMs };
}

/** @returns how many slices came after the cancel */
async function readUntilCancelled(tts: TtsBackend, wanted: Wanted, signal: AbortSignal): Promise<number> {
  let after = 0;
  try {
    const speech = tts.synthesize({ voice: "", rate: 1, ...wanted }, { deadlineMs: performance.now() + 120_000, signal });
    for await (const _ of speech) if (signal.aborted) after++;
  } catch (thrown) {
    if (!isServiceError(thrown, "CANCELLED")) throw thrown;
  }
  return after;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
