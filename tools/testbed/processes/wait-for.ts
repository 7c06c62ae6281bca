import { setTimeout as delay } from "node:timers/promises";
import { ServiceError } from "@troupe/errors";
import type { Daemon } from "./daemon.ts";

export interface WaitOptions {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** Waiting ends early, with the log of the one that ended. */
  readonly daemons?: readonly Daemon[];
  /** Default 50. */
  readonly pollMs?: number;
}

/**
 * Asks again until the condition holds; a condition that throws does not hold yet.
 * @throws ServiceError DEADLINE naming what was waited for and why it did not come, CANCELLED, BACKEND_FAILED when a daemon ended
 */
export async function waitFor(what: string, condition: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const startMs = performance.now();
  let last: unknown;
  for (;;) {
    for (const daemon of options.daemons ?? []) await daemon.throwIfEnded();
    const holds = await condition().catch((error: unknown) => {
      last = error;
      return false;
    });
    if (holds) return;
    if (performance.now() - startMs > options.limitMs) {
      throw new ServiceError("DEADLINE", `${what}: not within ${options.limitMs / 1000} s${last ? `; ${String(last)}` : ""}`, {
        cause: last,
      });
    }
    await delay(options.pollMs ?? 50, undefined, { signal: options.signal }).catch((error: unknown) => {
      throw ServiceError.from(error);
    });
  }
}
