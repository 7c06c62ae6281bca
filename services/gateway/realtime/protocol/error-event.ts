import type { StreamError } from "@troupe/contracts";
import { type Reason, reasons, ServiceError } from "@troupe/errors";
import { errorBody } from "../../http/error-body.ts";
import type { ServerEvent } from "./server-event.ts";

/** An error as clients get it, with the time after which it is worth another try where that is known. @param eventId of the client's event that caused it */
export function errorEvent(thrown: unknown, eventId?: string): ServerEvent {
  const { type, code, message, param } = errorBody(thrown).error;
  const { retryAfterMs } = ServiceError.from(thrown);
  const again = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs };
  return { type: "error", error: { type, code, message, param, event_id: eventId ?? null, ...again } };
}

/** What failed in a stage, as an error of the gateway. */
export function stageError({ reason, message, stage }: StreamError): ServiceError {
  const known: Reason = Object.hasOwn(reasons, reason) ? (reason as Reason) : "STAGE_FAILED";
  return new ServiceError(known, message, { metadata: { stage } });
}

/** The error inside another event. */
export function errorDetail(error: StreamError): { readonly type: string; readonly code: string; readonly message: string } {
  const { type, code, message } = errorBody(stageError(error)).error;
  return { type, code, message };
}
