import { create } from "@bufbuild/protobuf";
import { type StreamError, StreamErrorSchema } from "@troupe/contracts";
import { type Reason, reasons, ServiceError } from "@troupe/errors";

export function toStreamError(thrown: unknown, stage: string): StreamError {
  const error = ServiceError.from(thrown);
  return create(StreamErrorSchema, { reason: error.reason, message: error.message, stage: error.metadata.stage ?? stage });
}

export function fromStreamError(error: StreamError): ServiceError {
  const reason: Reason = Object.hasOwn(reasons, error.reason) ? (error.reason as Reason) : "STAGE_FAILED";
  return new ServiceError(reason, error.message, { metadata: { stage: error.stage } });
}
