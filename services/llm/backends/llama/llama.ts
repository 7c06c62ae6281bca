import { ServiceError } from "@troupe/errors";
import type { DialogueBackend, DialogueRequest, ReplyOptions } from "../backend.ts";
import { assertWanted, messageToAnswer } from "../request-checks.ts";
import { type SourcePassage, systemPrompt } from "../source-prompt.ts";
import { spokenClauses } from "../spoken-clauses.ts";
import { spokenWithin } from "../thinking-budget.ts";
import type { CompletionPart } from "../thought-splitter.ts";
import { type FittingHistory, fittingHistory } from "./chat-history.ts";
import { importLlama, type LlamaPackage, type LlamaSequence } from "./llama-package.ts";
import { createPool, type Pool } from "./sequence-pool.ts";

export interface LlamaOptions {
  /** A GGUF file of a chat model. */
  readonly modelPath: string;
  /** Tokens of one conversation, the reply included. */
  readonly contextTokens: number;
  /** Replies made at the same time; others wait. */
  readonly sequences: number;
  readonly threads: number;
  readonly maxTokens: number;
  /** Of node-llama-cpp; see importLlama. */
  readonly packageName: string;
  /** Sources for the last message, best first; without it the model answers from what it knows. */
  readonly retrieve?: (request: DialogueRequest, options: ReplyOptions) => Promise<readonly SourcePassage[]>;
}

const longestQueue = 16;

/**
 * A GGUF model in this process, by llama.cpp. Nothing is compiled or downloaded.
 * @throws ServiceError INVALID_CONFIG without node-llama-cpp, BACKEND_FAILED when the model cannot be loaded
 */
export async function createLlamaBackend(options: LlamaOptions): Promise<DialogueBackend> {
  const llamaPackage = await importLlama(options.packageName);
  const loaded = await load(llamaPackage, options).catch((error: unknown) => {
    throw new ServiceError("BACKEND_FAILED", `${options.modelPath} cannot be loaded`, { cause: error });
  });
  const pool = createPool(loaded.sequences, longestQueue);
  const closing = new AbortController();
  return {
    name: "llama",
    async *reply(request, replyOptions) {
      messageToAnswer(request);
      assertWanted(replyOptions);
      const passages = await options.retrieve?.(request, replyOptions);
      const history = fittingHistory(request, systemPrompt(request, passages), {
        tokensOf: (text) => loaded.tokenize(text).length,
        limit: options.contextTokens - options.maxTokens,
      });
      const late = AbortSignal.timeout(Math.ceil(Math.max(0, Math.min(replyOptions.deadlineMs - performance.now(), 2 ** 31 - 1))));
      const stop = AbortSignal.any([closing.signal, late, ...(replyOptions.signal ? [replyOptions.signal] : [])]);
      const ask = (think: boolean, budget: AbortSignal) =>
        generate({ llamaPackage, pool, history, maxTokens: options.maxTokens, think }, AbortSignal.any([stop, budget]));
      try {
        yield* spokenClauses(spokenWithin(ask, replyOptions.thinkingMs), request.language, passages ?? [], replyOptions);
      } catch (error) {
        assertWanted(replyOptions);
        throw late.aborted ? new ServiceError("DEADLINE", "the reply was not ready in time", { cause: error }) : ServiceError.from(error);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new ServiceError("CANCELLED", "the backend closes"));
      await loaded.dispose();
    },
  };
}

async function load({ getLlama }: LlamaPackage, { modelPath, contextTokens, sequences, threads }: LlamaOptions) {
  const llama = await getLlama({ gpu: "auto", build: "never", skipDownload: true, logLevel: "error" });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ sequences, contextSize: contextTokens, threads });
  return {
    sequences: Array.from({ length: sequences }, () => context.getSequence()),
    tokenize: (text: string) => model.tokenize(text),
    async dispose() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}

interface Generation {
  readonly llamaPackage: LlamaPackage;
  readonly pool: Pool<LlamaSequence>;
  readonly history: FittingHistory;
  readonly maxTokens: number;
  readonly think: boolean;
}

/** The pieces as they are decoded; leaving the iteration, or the signal, stops decoding before the next token. */
async function* generate(
  { llamaPackage, pool, history, maxTokens, think }: Generation,
  signal: AbortSignal,
): AsyncGenerator<CompletionPart> {
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  const sequence = await pool.take(stop);
  const session = new llamaPackage.LlamaChatSession({ contextSequence: sequence, autoDisposeSequence: false });
  let decoding: Promise<unknown> = Promise.resolve();
  const pieces = new ReadableStream<CompletionPart>({
    start(controller) {
      session.setChatHistory(history.before);
      decoding = session
        .prompt(history.last, {
          maxTokens,
          temperature: 0,
          signal: stop,
          stopOnAbortSignal: true,
          budgets: { thoughtTokens: think ? Number.POSITIVE_INFINITY : 0 },
          onResponseChunk: ({ type, text }) => {
            if (!stop.aborted) controller.enqueue({ kind: type === "segment" ? "thought" : "text", text });
          },
        })
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
    session.dispose();
    await sequence.clearHistory();
    pool.give(sequence);
  }
}
