import { ServiceError } from "@troupe/errors";
import { createClauseSplitter } from "../../clauses/index.ts";
import type { Citation, DialogueBackend, DialogueRequest, ReplyClause, ReplyOptions } from "../backend.ts";
import { citationTracker } from "../citation-marks.ts";
import { assertWanted, messageToAnswer } from "../request-checks.ts";
import type { SourcePassage } from "../source-prompt.ts";
import { chatCompletionBody } from "./chat-request.ts";
import { type OpenAiEndpoint, type StreamLimits, streamCompletion } from "./completion-stream.ts";

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
      yield* clausesOf(deltasWithFailOver(options, request, passages, replyOptions), request.language, passages ?? [], replyOptions);
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
  const limits: StreamLimits = { firstTokenTimeoutMs, idleTimeoutMs, deadlineMs: replyOptions.deadlineMs, signal: replyOptions.signal };
  const failures: ServiceError[] = [];
  for (const endpoint of options.endpoints) {
    let spoke = false;
    try {
      for await (const delta of streamCompletion(endpoint, chatCompletionBody(request, endpoint.model, maxTokens, passages), limits)) {
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

async function* clausesOf(
  deltas: AsyncIterable<string>,
  language: string,
  passages: readonly SourcePassage[],
  replyOptions: ReplyOptions,
): AsyncGenerator<ReplyClause, void, undefined> {
  const splitter = createClauseSplitter();
  const marks = citationTracker(passages);
  const clause = (text: string, citations: readonly Citation[]): ReplyClause => ({ text, language, citations, abstained: false });
  let said = 0;
  for await (const delta of deltas) {
    marks.push(delta);
    for (const text of splitter.push(delta)) {
      assertWanted(replyOptions);
      said++;
      yield clause(text, marks.take());
    }
  }
  for (const text of splitter.flush()) {
    said++;
    yield clause(text, marks.take());
  }
  if (said === 0) throw new ServiceError("BACKEND_FAILED", "the language model sent nothing that can be said");
}
