import { type Reason, reasons } from "./reasons.ts";
import type { StatusCode } from "./status-code.ts";

export interface ServiceErrorOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** When the caller may try again, relative to now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The one error of Troupe. `reason` names the situation (see reasons.ts) and fixes the gRPC `code`. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly reason: Reason;
  readonly code: StatusCode;
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.code = reasons[reason].code;
    this.metadata = options.metadata ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Anything thrown, as a ServiceError; an abort becomes CANCELLED, everything unknown INTERNAL. */
  static from(thrown: unknown): ServiceError {
    if (thrown instanceof ServiceError) return thrown;
    if (thrown instanceof Error && thrown.name === "AbortError") {
      return thrown.cause instanceof ServiceError ? thrown.cause : new ServiceError("CANCELLED", thrown.message, { cause: thrown });
    }
    if (thrown instanceof Error && thrown.name === "TimeoutError") return new ServiceError("DEADLINE", thrown.message, { cause: thrown });
    return new ServiceError("INTERNAL", thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}

export function isServiceError(thrown: unknown, reason?: Reason): thrown is ServiceError {
  return thrown instanceof ServiceError && (reason === undefined || thrown.reason === reason);
}
