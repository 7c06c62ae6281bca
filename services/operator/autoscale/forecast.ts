interface WorkSample {
  readonly atMs: number;
  readonly work: number;
}

export interface ForecastOptions {
  readonly nowMs: number;
  readonly leadMs: number;
  /** 0 to 1. */
  readonly quantile: number;
}

/**
 * The work to be ready for: not less than now, nor than the quantile of the last lead time (a short dip is none), and as much more than
 * now as it rose within a lead time before, at that quantile. One sample: that one.
 * @param samples oldest first, not empty
 */
export function forecastWork(samples: readonly WorkSample[], { nowMs, leadMs, quantile }: ForecastOptions): number {
  const now = samples.at(-1)?.work ?? 0;
  const lately = samples.filter(({ atMs }) => nowMs - atMs <= leadMs).map(({ work }) => work);
  const rises = risesWithin(samples, nowMs, leadMs);
  return Math.max(now, quantileOf(lately, quantile), now + quantileOf(rises, quantile));
}

/** For each moment that lies a lead time back: how much the work rose at most within a lead time. */
function risesWithin(samples: readonly WorkSample[], nowMs: number, leadMs: number): number[] {
  const rises: number[] = [];
  for (const [at, from] of samples.entries()) {
    if (nowMs - from.atMs < leadMs) break;
    let highest = from.work;
    for (let after = at + 1; after < samples.length; after++) {
      const to = samples[after];
      if (!to || to.atMs - from.atMs > leadMs) break;
      highest = Math.max(highest, to.work);
    }
    rises.push(highest - from.work);
  }
  return rises;
}

/** The smallest value that at least the fraction of all does not exceed (nearest rank); 0 of none. */
function quantileOf(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? 0;
}
