import { type Clock, systemClock } from "@troupe/timeline";

/** Time that passes so many times faster than the machine's, for whoever waits half a minute for silence. */
export function createFastClock(factor: number): { readonly clock: Clock; readonly utcNowMs: () => number } {
  const startMs = systemClock.nowMs();
  const startUtcMs = Date.now();
  const nowMs = () => startMs + (systemClock.nowMs() - startMs) * factor;
  return {
    clock: {
      nowMs,
      setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
      sleep: (delayMs, signal) => systemClock.sleep(delayMs / factor, signal),
    },
    utcNowMs: () => startUtcMs + nowMs() - startMs,
  };
}
