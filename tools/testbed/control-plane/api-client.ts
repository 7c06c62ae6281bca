import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ServiceError } from "@troupe/errors";

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Such as `/api/v1/nodes`. */
  readonly path: string;
  readonly body?: unknown;
  /** Default application/json; a patch names its kind here. */
  readonly contentType?: string;
}

/** Plain requests to an API server as its administrator, over kept connections and without a rate limit of the client. */
export interface ApiClient {
  /** @returns the answer's JSON, or its text where it is none @throws ServiceError BACKEND_FAILED with the status and the server's message */
  request<T = unknown>(request: ApiRequest, signal: AbortSignal): Promise<T>;
  close(): void;
}

/** @param pki folder with ca.crt, admin.crt and admin.key */
export async function createApiClient(url: string, pki: string, maxConnections = 16): Promise<ApiClient> {
  const [ca, cert, key] = await Promise.all(["ca.crt", "admin.crt", "admin.key"].map((name) => readFile(join(pki, name))));
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections, ca, cert, key } as ConstructorParameters<typeof Agent>[0]);
  return {
    async request<T>({ method = "GET", path, body, contentType = "application/json" }: ApiRequest, signal: AbortSignal): Promise<T> {
      const sent = request(new URL(path, url), {
        method,
        agent,
        signal,
        headers: { accept: "application/json", "content-type": contentType },
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
      const [response] = (await once(sent, "response").catch((error: unknown) => {
        throw signal.aborted
          ? ServiceError.from(error)
          : new ServiceError("BACKEND_FAILED", `${method} ${path}: ${String(error)}`, { cause: error });
      })) as [IncomingMessage];
      const answer = await text(response);
      const status = response.statusCode ?? 0;
      if (status >= 400)
        throw new ServiceError("BACKEND_FAILED", `${method} ${path}: ${status} ${messageOf(answer)}`, {
          metadata: { status: String(status) },
        });
      return (response.headers["content-type"]?.startsWith("application/json") ? JSON.parse(answer) : answer) as T;
    },
    close: () => agent.destroy(),
  };
}

function messageOf(answer: string): string {
  try {
    return (JSON.parse(answer) as { message?: string }).message ?? answer;
  } catch {
    return answer;
  }
}
