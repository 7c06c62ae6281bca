import type { Clock } from "@troupe/timeline";

export interface ManualClock extends Clock {
  /** Lets time pass: timers that fall due run in the order of their times. What they set off asynchronously runs later. */
  advance(durationMs: number): void;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Time that passes only when told to. */
export function createManualClock(startMs = 0): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  const nextDue = (untilMs: number) => {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.dueMs <= untilMs && (!first || timer.dueMs < first.dueMs)) first = timer;
    return first;
  };
  return {
    nowMs: () => nowMs,
    setTimer(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    sleep(delayMs, signal) {
      const slept = Promise.withResolvers<void>();
      if (signal?.aborted) slept.reject(signal.reason);
      const cancel = this.setTimer(delayMs, slept.resolve);
      const onAbort = () => {
        cancel();
        slept.reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      return slept.promise.finally(() => signal?.removeEventListener("abort", onAbort));
    },
    advance(durationMs) {
      const untilMs = nowMs + durationMs;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.callback();
      }
      nowMs = untilMs;
    },
  };
}
