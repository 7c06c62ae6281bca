import { type Reason, ServiceError } from "@troupe/errors";

/** What the API server says in place of an object (meta/v1 Status). */
export interface ApiStatus {
  readonly kind?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

const reasonByCode: Readonly<Record<number, Reason>> = {
  401: "CLUSTER_FORBIDDEN",
  403: "CLUSTER_FORBIDDEN",
  404: "OBJECT_UNKNOWN",
  409: "OBJECT_CONFLICT",
  410: "WATCH_EXPIRED",
  429: "CLUSTER_UNAVAILABLE",
};

/** @param retryAfter the header of that name, seconds */
export function apiError(status: ApiStatus, httpCode: number, retryAfter?: string): ServiceError {
  const code = status.code ?? httpCode;
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds);
  return new ServiceError(reasonOf(status, code), status.message ?? `the API server answered ${code}`, {
    metadata: { code: String(code), ...(status.reason ? { status: status.reason } : {}) },
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

function reasonOf(status: ApiStatus, code: number): Reason {
  if (status.reason === "AlreadyExists") return "OBJECT_EXISTS";
  if (status.reason === "Expired" || status.reason === "Gone") return "WATCH_EXPIRED";
  if (code === 429 && status.details?.causes?.some((cause) => cause.reason === "DisruptionBudget")) return "EVICTION_REFUSED";
  return reasonByCode[code] ?? (code >= 500 ? "CLUSTER_UNAVAILABLE" : "OBJECT_INVALID");
}

/** What a call that got no answer failed with. */
export function connectionError(thrown: unknown, signal: AbortSignal | undefined): ServiceError {
  if (signal?.aborted) {
    const { reason } = signal;
    return reason instanceof ServiceError ? reason : new ServiceError("CANCELLED", "the call was cancelled", { cause: reason });
  }
  if (thrown instanceof ServiceError) return thrown;
  const detail = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new ServiceError("CLUSTER_UNAVAILABLE", `the API server cannot be reached: ${detail}`, { cause: thrown });
}
