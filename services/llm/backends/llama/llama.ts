import { ServiceError } from "@troupe/errors";
import type { DialogueBackend, DialogueRequest, ReplyOptions } from "../backend.ts";
import { assertWanted, messageToAnswer } from "../request-checks.ts";
import type { SourcePassage } from "../source-prompt.ts";
import { spokenClauses } from "../spoken-clauses.ts";
import { spokenWithin } from "../thinking-budget.ts";
import { fittingConversation } from "./chat-history.ts";
import { generate } from "./generation.ts";
import { importLlama, type LlamaPackage } from "./llama-package.ts";
import { createNativeWork } from "./native-work.ts";
import { createPool } from "./sequence-pool.ts";
import { sequenceSlot } from "./sequence-slot.ts";

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
  const decoder = { llamaPackage, pool: createPool(loaded.slots, longestQueue), nativeWork: createNativeWork() };
  const closing = new AbortController();
  return {
    name: "llama",
    async *reply(request, replyOptions) {
      messageToAnswer(request);
      assertWanted(replyOptions);
      const retrieved = await options.retrieve?.(request, replyOptions);
      const { history, passages } = fittingConversation(request, retrieved, {
        tokensOf: (text) => loaded.tokenize(text).length,
        limit: options.contextTokens - options.maxTokens,
      });
      const late = AbortSignal.timeout(Math.ceil(Math.max(0, Math.min(replyOptions.deadlineMs - performance.now(), 2 ** 31 - 1))));
      const stop = AbortSignal.any([closing.signal, late, ...(replyOptions.signal ? [replyOptions.signal] : [])]);
      const ask = (think: boolean, budget: AbortSignal) =>
        generate(decoder, { history, maxTokens: options.maxTokens, think }, AbortSignal.any([stop, budget]));
      try {
        yield* spokenClauses(spokenWithin(ask, replyOptions.thinkingMs), request.language, passages ?? [], replyOptions);
      } catch (error) {
        assertWanted(replyOptions);
        throw late.aborted ? new ServiceError("DEADLINE", "the reply was not ready in time", { cause: error }) : ServiceError.from(error);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new ServiceError("CANCELLED", "the backend closes"));
      await decoder.nativeWork.ended();
      await loaded.dispose();
    },
  };
}

async function load({ getLlama }: LlamaPackage, { modelPath, contextTokens, sequences, threads }: LlamaOptions) {
  const llama = await getLlama({ gpu: "auto", build: "never", skipDownload: true, logLevel: "error" });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ sequences, contextSize: contextTokens, threads });
  return {
    slots: Array.from({ length: sequences }, () => sequenceSlot(context)),
    tokenize: (text: string) => model.tokenize(text),
    async dispose() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}
