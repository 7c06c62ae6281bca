import { ServiceError } from "@troupe/errors";
import type { CompletionPart } from "../thought-splitter.ts";
import type { FittingHistory } from "./chat-history.ts";
import type { LlamaPackage, LlamaSession } from "./llama-package.ts";
import type { NativeWork } from "./native-work.ts";
import type { Pool } from "./sequence-pool.ts";
import type { SequenceSlot } from "./sequence-slot.ts";

export interface Decoder {
  readonly llamaPackage: Pick<LlamaPackage, "LlamaChatSession">;
  readonly pool: Pool<SequenceSlot>;
  readonly nativeWork: NativeWork;
}

export interface Generation {
  readonly history: FittingHistory;
  readonly maxTokens: number;
  readonly think: boolean;
}

/**
 * The pieces as they are decoded; leaving the iteration, or the signal, stops decoding before the next token.
 * @throws ServiceError QUEUE_FULL; what the signal was aborted with; what the package throws
 */
export async function* generate(
  { llamaPackage, pool, nativeWork }: Decoder,
  generation: Generation,
  signal: AbortSignal,
): AsyncGenerator<CompletionPart> {
  const slot = await pool.take(signal);
  try {
    signal.throwIfAborted();
    const session = new llamaPackage.LlamaChatSession({ contextSequence: slot.sequence(), autoDisposeSequence: false });
    try {
      yield* decoded(session, generation, nativeWork, signal);
    } finally {
      session.dispose();
    }
  } finally {
    await nativeWork.track(slot.clear());
    pool.give(slot);
  }
}

async function* decoded(
  session: LlamaSession,
  { history, maxTokens, think }: Generation,
  nativeWork: NativeWork,
  signal: AbortSignal,
): AsyncGenerator<CompletionPart> {
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  let decoding: Promise<unknown> = Promise.resolve();
  const pieces = new ReadableStream<CompletionPart>({
    start(controller) {
      session.setChatHistory(history.before);
      const prompt = session.prompt(history.last, {
        maxTokens,
        temperature: 0,
        signal: stop,
        stopOnAbortSignal: true,
        budgets: { thoughtTokens: think ? Number.POSITIVE_INFINITY : 0 },
        onResponseChunk: ({ type, text }) => {
          if (!stop.aborted) controller.enqueue({ kind: type === "segment" ? "thought" : "text", text });
        },
      });
      decoding = nativeWork
        .track(prompt)
        .then(
          () => (stop.aborted ? controller.error(stop.reason) : controller.close()),
          (error: unknown) => controller.error(error),
        )
        // A stream that nobody reads any more takes neither.
        .catch(() => undefined);
    },
  });
  try {
    for await (const piece of pieces) yield piece;
  } finally {
    left.abort(new ServiceError("CANCELLED", "nobody listens any more"));
    await decoding;
  }
}
