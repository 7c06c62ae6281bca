import { ServiceError } from "@troupe/errors";

export interface UntilOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly pollMs?: number;
}

/** Looks again and again. @returns false when the time is over @throws the signal's reason */
export async function until(condition: () => boolean, { signal, timeoutMs = 60_000, pollMs = 20 }: UntilOptions): Promise<boolean> {
  const startMs = performance.now();
  while (!condition()) {
    signal.throwIfAborted();
    if (performance.now() - startMs > timeoutMs) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return true;
}

/** @throws ServiceError DEADLINE naming what was waited for */
export async function need(what: string, condition: () => boolean, options: UntilOptions): Promise<void> {
  if (!(await until(condition, options))) throw new ServiceError("DEADLINE", `waited in vain until ${what}`);
}
