import type { Clock } from "@troupe/timeline";

export interface ManualClock extends Clock {
  /** Lets time pass: timers that fall due run in the order of their times, each with what it set off. */
  advance(durationMs: number): Promise<void>;
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
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.callback();
        await settled();
      }
      nowMs = untilMs;
    },
  };
}

/** Everything that is ready to run has run. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
