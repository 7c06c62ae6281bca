import http, { type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import { ServiceError } from "@troupe/errors";
import type { Environment } from "../run-program.ts";
import { isFetchable } from "../source-address.ts";

export interface HttpOptions {
  /** HTTPS_PROXY, NO_PROXY and the like. */
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
  /** Asked once when the server of the address, not one it redirects to, wants to know who we are; gives the value of Authorization. */
  readonly authorize?: ((challenge: string) => Promise<string | undefined>) | undefined;
}

const MAX_REDIRECTS = 5;
/** Nothing at all arrives for so long: the connection is dead. */
const SILENCE_MS = 30_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * GET, following a few redirects: never from https to http, never to another scheme, and without the credentials
 * once the origin changes: what wants to know who we are there gets no answer. The caller reads the body, or destroys it.
 * @throws ServiceError BACKEND_FAILED, CANCELLED
 */
export async function httpGet(address: string, headers: OutgoingHttpHeaders, options: HttpOptions): Promise<IncomingMessage> {
  let url = new URL(address);
  const { origin } = url;
  let sent = headers;
  let asked = false;
  for (let redirects = 0; ; ) {
    const response = await send(url, sent, options);
    const { statusCode = 0, headers: received } = response;
    if (REDIRECTS.has(statusCode) && received.location) {
      response.destroy();
      if (++redirects > MAX_REDIRECTS) throw new ServiceError("BACKEND_FAILED", `${address} redirects more than ${MAX_REDIRECTS} times`);
      const next = redirectTarget(url, received.location);
      if (next.origin !== url.origin) sent = { ...sent, authorization: undefined };
      url = next;
      continue;
    }
    const challenge = received["www-authenticate"];
    if (statusCode !== 401 || !challenge || asked || !options.authorize || url.origin !== origin) return response;
    response.destroy();
    asked = true;
    sent = { ...sent, authorization: await options.authorize(challenge) };
  }
}

function redirectTarget(from: URL, location: string): URL {
  const next = URL.parse(location, from.href);
  if (!next || !isFetchable(next.href) || (from.protocol === "https:" && next.protocol !== "https:")) {
    throw new ServiceError("BACKEND_FAILED", `${from.href} redirects to ${location.slice(0, 200)}, which is not followed`);
  }
  return next;
}

function send(url: URL, headers: OutgoingHttpHeaders, options: HttpOptions): Promise<IncomingMessage> {
  const transport = url.protocol === "https:" ? https : http;
  const agent = new transport.Agent({ proxyEnv: options.env as NodeJS.ProcessEnv });
  const defined = Object.fromEntries(
    Object.entries({ ...headers, "accept-encoding": "identity" }).filter(([, value]) => value !== undefined),
  );
  return new Promise((resolve, reject) => {
    const request = transport.get(url, { agent, headers: defined, ...(options.signal ? { signal: options.signal } : {}) }, resolve);
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
    request.on("error", (error) => reject(asHttpError(error, url)));
  });
}

/** A broken connection, as everything else that may be tried again, is BACKEND_FAILED; an abort is CANCELLED. */
export function asHttpError(error: unknown, url: URL | string): ServiceError {
  const found = ServiceError.from(error);
  if (found.reason !== "INTERNAL") return found;
  const detail = error instanceof AggregateError ? error.errors.map(String).join(", ") : found.message;
  return new ServiceError("BACKEND_FAILED", `${String(url)}: ${detail}`, { cause: error });
}
