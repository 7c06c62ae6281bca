import { constants, PerformanceObserver } from "node:perf_hooks";

/** Counts V8's major garbage collections until it is stopped. */
export function countMajorCollections(): { stop(): Promise<number> } {
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { readonly detail: { readonly kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) count++;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return {
    async stop() {
      // Entries are handed over on a later turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 20));
      observer.disconnect();
      return count;
    },
  };
}
