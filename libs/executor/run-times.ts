/** How much a new run time counts in the mean. */
const weight = 0.2;

/** How long batches of a method take, learnt from those that ran. */
export interface RunTimes {
  record(method: string, size: number, runMs: number): void;
  /** Undefined before the method's first run: nobody knows what it takes. */
  expectedMs(method: string, size: number): number | undefined;
}

/** Exponentially weighted means by method and size; a size that never ran is taken to cost what its jobs cost one by one. */
export function createRunTimes(): RunTimes {
  const means = new Map<string, number[]>();
  return {
    record(method, size, runMs) {
      const bySize = means.get(method) ?? [];
      const before = bySize[size] ?? runMs;
      bySize[size] = before + weight * (runMs - before);
      means.set(method, bySize);
    },
    expectedMs(method, size) {
      const bySize = means.get(method);
      if (!bySize) return undefined;
      for (let known = size; known > 0; known--) {
        const mean = bySize[known];
        if (mean !== undefined) return (mean * size) / known;
      }
      const smallest = bySize.findIndex((mean) => mean !== undefined);
      return bySize[smallest];
    },
  };
}
