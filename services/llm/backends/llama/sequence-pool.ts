import { ServiceError } from "@troupe/errors";

/** Lends one of a few things at a time to each of a bounded number of waiting callers, first come first served. */
export interface Pool<Item> {
  /** @throws ServiceError QUEUE_FULL; what the signal was aborted with */
  take(signal: AbortSignal): Promise<Item>;
  give(item: Item): void;
}

export function createPool<Item>(items: readonly Item[], longestQueue: number): Pool<Item> {
  const idle = [...items];
  const waiting = new Set<(item: Item) => void>();
  return {
    async take(signal) {
      signal.throwIfAborted();
      const item = idle.pop();
      if (item !== undefined) return item;
      if (waiting.size >= longestQueue) throw new ServiceError("QUEUE_FULL", `${longestQueue} replies wait already`);
      const { promise, resolve, reject } = Promise.withResolvers<Item>();
      const leave = () => {
        waiting.delete(resolve);
        reject(signal.reason);
      };
      waiting.add(resolve);
      signal.addEventListener("abort", leave, { once: true });
      return await promise.finally(() => signal.removeEventListener("abort", leave));
    },
    give(item) {
      const [next] = waiting;
      if (next) {
        waiting.delete(next);
        next(item);
      } else idle.push(item);
    },
  };
}
