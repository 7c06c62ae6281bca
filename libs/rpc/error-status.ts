import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ServiceError as GrpcError, Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { ErrorInfoSchema, RetryInfoSchema, StatusSchema } from "@troupe/contracts";
import { type Reason, reasons, ServiceError } from "@troupe/errors";

const detailsKey = "grpc-status-details-bin";
const domain = "troupe.dev";

/** Anything thrown, as a gRPC status with ErrorInfo and RetryInfo in its trailer. */
export function statusFromError(thrown: unknown): StatusObject {
  const error = ServiceError.from(thrown);
  const info = create(ErrorInfoSchema, { reason: error.reason, domain, metadata: { ...error.metadata } });
  const details = [anyPack(ErrorInfoSchema, info)];
  if (error.retryAfterMs !== undefined) {
    const seconds = Math.floor(error.retryAfterMs / 1000);
    const nanos = Math.round((error.retryAfterMs - seconds * 1000) * 1e6);
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds: BigInt(seconds), nanos } })));
  }
  const metadata = new Metadata();
  const encoded = toBinary(StatusSchema, create(StatusSchema, { code: error.code, message: error.message, details }));
  metadata.set(detailsKey, Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength));
  return { code: error.code, details: error.message, metadata };
}

/** A gRPC failure as a ServiceError; without our details, the status code alone decides the reason. */
export function errorFromStatus(failure: GrpcError | StatusObject): ServiceError {
  const encoded = failure.metadata?.get(detailsKey)[0];
  let reason: Reason = reasonOfCode(failure.code);
  let metadata: Record<string, string> = {};
  let retryAfterMs: number | undefined;
  for (const detail of encoded instanceof Buffer ? fromBinary(StatusSchema, encoded).details : []) {
    const info = anyUnpack(detail, ErrorInfoSchema);
    if (info && Object.hasOwn(reasons, info.reason)) {
      reason = info.reason as Reason;
      metadata = info.metadata;
    }
    const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
    if (delay) retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  }
  const message = failure.details || reasons[reason].help;
  return new ServiceError(reason, message, { metadata, cause: failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

function reasonOfCode(code: number): Reason {
  switch (code) {
    case status.INVALID_ARGUMENT:
      return "INVALID_REQUEST";
    case status.DEADLINE_EXCEEDED:
      return "DEADLINE";
    case status.RESOURCE_EXHAUSTED:
      return "NO_CAPACITY";
    case status.UNIMPLEMENTED:
      return "UNIMPLEMENTED";
    // Our own cancels never come here (the client throws its signal's reason), so the other side cut the call.
    case status.CANCELLED:
    case status.UNAVAILABLE:
      return "PEER_UNAVAILABLE";
    default:
      return "INTERNAL";
  }
}
