import { type Reason, reasons, ServiceError } from "@troupe/errors";
import type { Headers } from "./bus.ts";

const messageHeader = "Nats-Service-Error";
const codeHeader = "Nats-Service-Error-Code";
const reasonHeader = "Troupe-Error-Reason";
const retryHeader = "Troupe-Retry-After-Ms";
const metadataHeader = "Troupe-Error-Metadata";

/** An error as the headers of an empty answer (NATS ADR-32 names, and ours beside them). */
export function headersFromError(thrown: unknown): Headers {
  const error = ServiceError.from(thrown);
  return {
    [messageHeader]: error.message.replaceAll(/[\r\n]+/g, " "),
    [codeHeader]: String(error.code),
    [reasonHeader]: error.reason,
    [metadataHeader]: JSON.stringify(error.metadata),
    ...(error.retryAfterMs === undefined ? {} : { [retryHeader]: String(error.retryAfterMs) }),
  };
}

export function errorFromHeaders(headers: Headers): ServiceError | undefined {
  const message = headers[messageHeader];
  if (message === undefined) return undefined;
  const named = headers[reasonHeader] ?? "";
  const reason: Reason = Object.hasOwn(reasons, named) ? (named as Reason) : "INTERNAL";
  const retryAfterMs = headers[retryHeader];
  return new ServiceError(reason, message, {
    metadata: JSON.parse(headers[metadataHeader] ?? "{}") as Record<string, string>,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: Number(retryAfterMs) }),
  });
}
