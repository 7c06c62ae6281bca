import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import { destination, pino } from "pino";

/** JSON lines on standard error. Callers never pass what people say. */
export function createLogger(service: string, level: string): Logger {
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime }, destination({ fd: 2, sync: true }));
}

/** Logs an error by its reason; the stack only where it is a defect. */
export function logThrown(logger: Logger, thrown: unknown, message: string): void {
  const error = ServiceError.from(thrown);
  logger.error({ reason: error.reason, detail: error.message, ...(error.reason === "INTERNAL" ? { err: error } : {}) }, message);
}
