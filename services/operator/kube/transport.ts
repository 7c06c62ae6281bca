import { ServiceError } from "@troupe/errors";
import { type Dispatcher, errors, request } from "undici";
import { type ApiStatus, apiError, connectionError } from "./api-error.ts";
import type { Connection } from "./connection.ts";

export interface ApiCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** HTTP to the API server: JSON in, JSON or a stream of bytes out. Rejects as {@link KubeApi} says. */
export interface Transport extends AsyncDisposable {
  call(call: ApiCall): Promise<unknown>;
  /** @param idleMs silence that counts as a dead connection */
  stream(call: Omit<ApiCall, "body" | "contentType">, idleMs: number): Promise<AsyncIterable<Uint8Array>>;
}

export function createTransport(connection: Connection, callTimeoutMs: number): Transport {
  async function send(call: ApiCall, use: "call" | "watch", bodyTimeout: number): Promise<Dispatcher.ResponseData> {
    const headers: Record<string, string> = {
      ...(await connection.authorize()),
      accept: "application/json",
      "user-agent": "troupe-operator",
    };
    if (call.body) headers["content-type"] = call.contentType ?? "application/json";
    return request(urlOf(connection.server, call), {
      method: call.method,
      headers,
      body: call.body ? JSON.stringify(call.body) : null,
      dispatcher: connection.dispatcher(use),
      headersTimeout: callTimeoutMs,
      bodyTimeout,
      ...(call.signal ? { signal: call.signal } : {}),
    });
  }

  return {
    async call(call) {
      try {
        const response = await send(call, "call", callTimeoutMs);
        const answer = parse(await response.body.text());
        if (response.statusCode >= 400) throw errorOf(response, answer);
        return answer;
      } catch (thrown) {
        if (isTimeout(thrown)) {
          connection.renewCalls();
          throw new ServiceError("DEADLINE", `${call.method} ${call.path} got no answer within ${callTimeoutMs} ms`, { cause: thrown });
        }
        throw connectionError(thrown, call.signal);
      }
    },
    async stream(call, idleMs) {
      try {
        const response = await send(call, "watch", idleMs);
        if (response.statusCode >= 400) throw errorOf(response, parse(await response.body.text()));
        return response.body;
      } catch (thrown) {
        throw connectionError(thrown, call.signal);
      }
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

const isTimeout = (thrown: unknown) => thrown instanceof errors.HeadersTimeoutError || thrown instanceof errors.BodyTimeoutError;

function errorOf({ statusCode, headers }: Dispatcher.ResponseData, answer: unknown): ServiceError {
  const retryAfter = headers["retry-after"];
  const status = typeof answer === "object" && answer !== null ? (answer as ApiStatus) : { message: String(answer).slice(0, 300) };
  return apiError(status, statusCode, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
}

/** Proxies between answer in other formats than JSON; their text is kept for people. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function urlOf(server: string, { path, query }: ApiCall): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return `${server}${path}${text ? `?${text}` : ""}`;
}
