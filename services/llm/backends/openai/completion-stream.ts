import { ServiceError } from "@troupe/errors";
import { type CompletionPart, createThoughtSplitter } from "../thought-splitter.ts";
import { errorMessage, parseChatEvent } from "./chat-chunk.ts";
import type { ChatCompletionBody } from "./chat-request.ts";
import { createEventStreamReader } from "./server-sent-events.ts";

/** A server that speaks the OpenAI protocol. */
export interface OpenAiEndpoint {
  /** Up to and including the version, as in `http://host:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly model: string;
}

export interface StreamLimits {
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Absolute, on performance.now(). */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The text and the thoughts of one completion, as they come. Stopping the iteration closes the connection.
 * @throws ServiceError CANCELLED, DEADLINE when the caller's time is over; BACKEND_FAILED for whatever the endpoint does,
 * its time-outs included
 */
export async function* streamCompletion(
  endpoint: OpenAiEndpoint,
  body: ChatCompletionBody,
  limits: StreamLimits,
): AsyncGenerator<CompletionPart, void, undefined> {
  const connection = new AbortController();
  const signal = limits.signal ? AbortSignal.any([limits.signal, connection.signal]) : connection.signal;
  const watchdog = createWatchdog(connection, limits);
  try {
    watchdog.expect(limits.firstTokenTimeoutMs, "the first token");
    const response = await post(endpoint, body, signal);
    for await (const parts of events(response)) {
      watchdog.expect(limits.idleTimeoutMs, "the next token");
      if (parts.length === 0) continue;
      watchdog.pause();
      yield* parts;
      watchdog.expect(limits.idleTimeoutMs, "the next token");
    }
  } catch (error) {
    if (limits.signal?.aborted) throw ServiceError.from(limits.signal.reason);
    if (connection.signal.aborted) throw connection.signal.reason;
    if (error instanceof ServiceError) throw error;
    throw new ServiceError("BACKEND_FAILED", `the language model at ${endpoint.baseUrl} cannot be reached or broke off`, { cause: error });
  } finally {
    watchdog.pause();
    connection.abort();
  }
}

interface Watchdog {
  /** Starts the time within which `what` must come. */
  expect(timeoutMs: number, what: string): void;
  pause(): void;
}

/** Aborts the connection with the error to report. */
function createWatchdog(connection: AbortController, limits: StreamLimits): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  const pause = () => clearTimeout(timer);
  return {
    pause,
    expect(timeoutMs, what) {
      pause();
      const leftMs = limits.deadlineMs - performance.now();
      const error =
        leftMs < timeoutMs
          ? () => new ServiceError("DEADLINE", "the reply was not ready in time")
          : () => new ServiceError("BACKEND_FAILED", `the language model did not send ${what} within ${timeoutMs} ms`);
      timer = setTimeout(() => connection.abort(error()), Math.max(0, Math.min(timeoutMs, leftMs, 2 ** 31 - 1)));
    },
  };
}

async function post(endpoint: OpenAiEndpoint, body: ChatCompletionBody, signal: AbortSignal): Promise<Response> {
  const response = await fetch(`${endpoint.baseUrl.replace(/\/+$/u, "")}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(endpoint.apiKey !== undefined && { authorization: `Bearer ${endpoint.apiKey}` }),
    },
    body: JSON.stringify(body),
    signal,
  });
  if (response.ok && response.body) return response;
  const retryAfterS = Number(response.headers.get("retry-after"));
  const text = await response.text();
  throw new ServiceError("BACKEND_FAILED", `the language model answered ${response.status}: ${errorMessage(asJson(text))}`, {
    metadata: { status: String(response.status) },
    ...(retryAfterS > 0 && { retryAfterMs: retryAfterS * 1_000 }),
  });
}

/** What each event brings; nothing for an event without text, which still shows that the endpoint lives. */
async function* events(response: Response): AsyncGenerator<readonly CompletionPart[], void, undefined> {
  const reader = createEventStreamReader();
  const splitter = createThoughtSplitter();
  for await (const bytes of response.body as ReadableStream<Uint8Array>) {
    for (const data of reader.push(bytes)) {
      const event = parseChatEvent(data);
      if (event.kind === "end") {
        yield splitter.flush();
        return;
      }
      const thought = event.thought === "" ? [] : [{ kind: "thought", text: event.thought } as const];
      yield [...thought, ...splitter.push(event.text)];
    }
  }
  throw new ServiceError("BACKEND_FAILED", "the language model's stream ended without [DONE]");
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
