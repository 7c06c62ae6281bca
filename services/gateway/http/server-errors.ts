import type { Socket } from "node:net";
import { ServiceError } from "@troupe/errors";
import { logThrown } from "@troupe/service";
import type { Logger } from "@troupe/stage";
import type { FastifyInstance } from "fastify";
import { errorBody, errorReply } from "./error-body.ts";
import { followRoutes } from "./known-methods.ts";

/** Every error leaves the server in one form. Register before the routes. */
export function addErrors(app: FastifyInstance, logger: Logger): void {
  const methodsAt = followRoutes(app);
  app.setErrorHandler(async (thrown, _request, reply) => {
    const status = clientErrorStatus(thrown);
    const error = status === undefined ? ServiceError.from(thrown) : malformed(thrown instanceof Error ? thrown.message : "", thrown);
    if (error.reason === "INTERNAL") logThrown(logger, error, "a request failed");
    const answer = errorReply(error);
    await reply
      .code(status ?? answer.status)
      .headers(answer.headers)
      .send(answer.body);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const allowed = methodsAt(request.url.split("?")[0] ?? "");
    if (allowed.length === 0) return reply.code(404).send(errorBody(malformed("there is nothing at this address")));
    const message = `${request.method} is not offered here, but ${allowed.join(", ")}`;
    return reply
      .code(405)
      .header("allow", allowed.join(", "))
      .send(errorBody(malformed(message)));
  });
}

const malformed = (message: string, cause?: unknown) =>
  new ServiceError("INVALID_REQUEST", message || "the request is malformed", { cause });

/** What the framework itself refuses (no JSON, body too large, …) is the caller's mistake. */
function clientErrorStatus(thrown: unknown): number | undefined {
  const status = (thrown as { readonly statusCode?: unknown }).statusCode;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

const parserStatus: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** Answers what is not even HTTP, or came too slowly to be. */
export function answerParserError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const status = parserStatus[error.code ?? ""] ?? "400 Bad Request";
  const body = JSON.stringify(errorBody(malformed("the request is no valid HTTP/1.1, or came too slowly")));
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  // A peer that never closes its side would keep the socket.
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}
