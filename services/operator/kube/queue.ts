import type { Clock } from "@troupe/timeline";
import { type BackoffPolicy, backoffMs } from "./backoff.ts";
import { createRateLimit, type Rate } from "./rate-limit.ts";

/**
 * Keys that wait for a controller. A key is there once, however often it is added, and never runs twice at a time; so the queue is no
 * longer than there are objects, and drops nothing.
 */
export interface WorkQueue extends Disposable {
  /** As soon as the rate allows, whatever delay it had. A key that runs now runs again afterwards. */
  add(key: string): void;
  /** After a delay, unless it comes sooner: of several delays the shortest counts. */
  addAfter(key: string, delayMs: number): void;
  /** After a back-off that doubles with each retry since the last `forget`. @returns the delay in milliseconds */
  retry(key: string, atLeastMs?: number): number;
  /** The key went well: its next back-off begins anew. */
  forget(key: string): void;
  /** The next key and how long it was due; it stays taken until `done`. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<{ readonly key: string; readonly waitedMs: number }>;
  done(key: string): void;
  /** Keys that are due and not taken. */
  readonly depth: number;
  retriesOf(key: string): number;
}

export interface QueueOptions {
  /** Default 100 ms to 60 s. */
  readonly backoff?: BackoffPolicy;
  /** Keys handed out; default 200 a second, 200 at once. */
  readonly rate?: Rate;
}

export interface QueueDeps {
  readonly clock: Clock;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

interface Delay {
  readonly dueMs: number;
  readonly cancel: () => void;
}

type Taker = (key: { key: string; waitedMs: number }) => void;

export function createQueue({ clock, random = Math.random }: QueueDeps, options: QueueOptions = {}): WorkQueue {
  const backoff = options.backoff ?? { initialMs: 100, maxMs: 60_000 };
  const limit = createRateLimit(clock, options.rate ?? { perSecond: 200, burst: 200 });
  /** Since when each is due; in the order of adding. */
  const due = new Map<string, number>();
  const taken = new Set<string>();
  const again = new Set<string>();
  const delayed = new Map<string, Delay>();
  const failures = new Map<string, number>();
  const takers = new Set<Taker>();
  let cancelWait: (() => void) | undefined;

  function undelay(key: string): void {
    delayed.get(key)?.cancel();
    delayed.delete(key);
  }

  function handOut(): void {
    while (!cancelWait) {
      const [taker] = takers;
      const [first] = due;
      if (!taker || !first) return;
      const token = limit.take();
      if (!token.taken) {
        cancelWait = clock.setTimer(token.waitMs, () => {
          cancelWait = undefined;
          handOut();
        });
        return;
      }
      const [key, dueMs] = first;
      due.delete(key);
      taken.add(key);
      takers.delete(taker);
      taker({ key, waitedMs: clock.nowMs() - dueMs });
    }
  }

  function add(key: string): void {
    undelay(key);
    if (taken.has(key)) again.add(key);
    else if (!due.has(key)) due.set(key, clock.nowMs());
    handOut();
  }

  function addAfter(key: string, delayMs: number): void {
    const dueMs = clock.nowMs() + delayMs;
    if (due.has(key) || (delayed.get(key)?.dueMs ?? Number.POSITIVE_INFINITY) <= dueMs) return;
    undelay(key);
    delayed.set(key, { dueMs, cancel: clock.setTimer(delayMs, () => add(key)) });
  }

  return {
    add,
    addAfter,
    retry(key, atLeastMs = 0) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      const delayMs = Math.max(atLeastMs, backoffMs(backoff, count, random()));
      addAfter(key, delayMs);
      return delayMs;
    },
    forget: (key) => void failures.delete(key),
    take(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          takers.delete(taker);
          reject(signal.reason);
        };
        const taker: Taker = (key) => {
          signal.removeEventListener("abort", onAbort);
          resolve(key);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        takers.add(taker);
        handOut();
      });
    },
    done(key) {
      taken.delete(key);
      if (again.delete(key)) add(key);
    },
    get depth() {
      return due.size;
    },
    retriesOf: (key) => failures.get(key) ?? 0,
    [Symbol.dispose]() {
      cancelWait?.();
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
      due.clear();
    },
  };
}
