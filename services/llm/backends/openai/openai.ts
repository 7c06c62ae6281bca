import { ServiceError } from "@troupe/errors";
import type { DialogueBackend, DialogueRequest, ReplyOptions } from "../backend.ts";
import { assertWanted, messageToAnswer } from "../request-checks.ts";
import type { SourcePassage } from "../source-prompt.ts";
import { spokenClauses } from "../spoken-clauses.ts";
import { type AskModel, spokenWithin } from "../thinking-budget.ts";
import { chatCompletionBody } from "./chat-request.ts";
import { type OpenAiEndpoint, streamCompletion } from "./completion-stream.ts";

export interface OpenAiOptions {
  /** Tried in this order; the next one only while nothing has been said. */
  readonly endpoints: readonly OpenAiEndpoint[];
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxTokens: number;
  /** Sources for the last message, best first; without it the model answers from what it knows. */
  readonly retrieve?: (request: DialogueRequest, options: ReplyOptions) => Promise<readonly SourcePassage[]>;
}

/**
 * Any server with OpenAI's streaming chat completions. Marks such as [1] in its text become citations of the sources.
 * @throws ServiceError INVALID_CONFIG without endpoints
 */
export function createOpenAiBackend(options: OpenAiOptions): DialogueBackend {
  if (options.endpoints.length === 0) throw new ServiceError("INVALID_CONFIG", "endpoints: at least one is needed");
  return {
    name: "openai",
    async *reply(request, replyOptions) {
      messageToAnswer(request);
      assertWanted(replyOptions);
      const passages = await options.retrieve?.(request, replyOptions);
      yield* spokenClauses(deltasWithFailOver(options, request, passages, replyOptions), request.language, passages ?? [], replyOptions);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The deltas of the first endpoint that sends any. */
async function* deltasWithFailOver(
  options: OpenAiOptions,
  request: DialogueRequest,
  passages: readonly SourcePassage[] | undefined,
  replyOptions: ReplyOptions,
): AsyncGenerator<string, void, undefined> {
  const { firstTokenTimeoutMs, idleTimeoutMs, maxTokens } = options;
  const ask =
    (endpoint: OpenAiEndpoint): AskModel =>
    (think, budget) => {
      const signal = replyOptions.signal ? AbortSignal.any([replyOptions.signal, budget]) : budget;
      const body = chatCompletionBody(request, { model: endpoint.model, maxTokens, think }, passages);
      return streamCompletion(endpoint, body, { firstTokenTimeoutMs, idleTimeoutMs, deadlineMs: replyOptions.deadlineMs, signal });
    };
  const failures: ServiceError[] = [];
  for (const endpoint of options.endpoints) {
    let spoke = false;
    try {
      for await (const delta of spokenWithin(ask(endpoint), replyOptions.thinkingMs)) {
        spoke = true;
        yield delta;
      }
      if (spoke) return;
      failures.push(new ServiceError("BACKEND_FAILED", `the language model at ${endpoint.baseUrl} said nothing`));
    } catch (error) {
      const failure = ServiceError.from(error);
      if (spoke || failure.reason !== "BACKEND_FAILED") throw failure;
      failures.push(failure);
    }
  }
  throw allFailed(failures);
}

function allFailed(failures: readonly ServiceError[]): ServiceError {
  const [only] = failures as readonly [ServiceError, ...ServiceError[]];
  if (failures.length === 1) return only;
  const retryAfterMs = Math.min(...failures.map((failure) => failure.retryAfterMs ?? Number.POSITIVE_INFINITY));
  return new ServiceError("BACKEND_FAILED", `all ${failures.length} language models failed; the first: ${only.message}`, {
    cause: new AggregateError(failures),
    ...(Number.isFinite(retryAfterMs) && { retryAfterMs }),
  });
}
