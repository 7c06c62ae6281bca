import { type Reason, ServiceError, StatusCode } from "@troupe/errors";

/** An error as OpenAI's HTTP and Realtime interfaces give it. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The field that is wrong, where one is. */
    readonly param: string | null;
    /** The reason of the ServiceError. */
    readonly code: string;
    /** What the error tells beside its message, such as the limit that is reached. */
    readonly metadata?: Readonly<Record<string, string>>;
  };
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

interface HttpMeaning {
  readonly status: number;
  readonly type: string;
}

const invalid = "invalid_request_error";

/** gRPC status as HTTP status (google.rpc.Code) and as OpenAI's error type. */
const meanings: Readonly<Record<StatusCode, HttpMeaning>> = {
  [StatusCode.OK]: { status: 500, type: "server_error" },
  [StatusCode.CANCELLED]: { status: 499, type: invalid },
  [StatusCode.UNKNOWN]: { status: 500, type: "server_error" },
  [StatusCode.INVALID_ARGUMENT]: { status: 400, type: invalid },
  [StatusCode.DEADLINE_EXCEEDED]: { status: 504, type: "server_error" },
  [StatusCode.NOT_FOUND]: { status: 404, type: invalid },
  [StatusCode.ALREADY_EXISTS]: { status: 409, type: invalid },
  [StatusCode.PERMISSION_DENIED]: { status: 403, type: "permission_error" },
  [StatusCode.RESOURCE_EXHAUSTED]: { status: 429, type: "rate_limit_error" },
  [StatusCode.FAILED_PRECONDITION]: { status: 409, type: invalid },
  [StatusCode.ABORTED]: { status: 409, type: invalid },
  [StatusCode.OUT_OF_RANGE]: { status: 400, type: invalid },
  [StatusCode.UNIMPLEMENTED]: { status: 501, type: invalid },
  [StatusCode.INTERNAL]: { status: 500, type: "server_error" },
  [StatusCode.UNAVAILABLE]: { status: 503, type: "server_error" },
  [StatusCode.DATA_LOSS]: { status: 500, type: "server_error" },
  [StatusCode.UNAUTHENTICATED]: { status: 401, type: "authentication_error" },
};

/** The platform is full, which is nothing the caller did. */
const overloaded: readonly Reason[] = ["NO_CAPACITY", "DRAINING", "QUEUE_FULL"];

/** The one encoder of errors for HTTP and Realtime. What went wrong inside stays inside. */
export function errorBody(thrown: unknown): ErrorBody {
  const error = ServiceError.from(thrown);
  const { type } = meaningOf(error);
  const message = error.reason === "INTERNAL" ? "the gateway failed on this request; its log has the cause" : error.message;
  const metadata = Object.keys(error.metadata).length === 0 ? {} : { metadata: error.metadata };
  return { error: { message, type, param: error.metadata["param"] ?? null, code: error.reason, ...metadata } };
}

/** An error as an HTTP response. */
export function errorReply(thrown: unknown): ErrorReply {
  const error = ServiceError.from(thrown);
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  if (error.code === StatusCode.UNAUTHENTICATED) headers["www-authenticate"] = "Bearer";
  return { status: meaningOf(error).status, headers, body: errorBody(error) };
}

function meaningOf(error: ServiceError): HttpMeaning {
  return overloaded.includes(error.reason) ? meanings[StatusCode.UNAVAILABLE] : meanings[error.code];
}
