import { isServiceError, ServiceError } from "@troupe/errors";

/** What a worker threw, as BACKEND_FAILED; errors of Troupe stay what they are. */
export function backendFailure(message: string, thrown: unknown): ServiceError {
  return isServiceError(thrown) ? thrown : new ServiceError("BACKEND_FAILED", message, { cause: thrown });
}
