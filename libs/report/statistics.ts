/** Quantile by linear interpolation between order statistics (R's type 7); NaN for nothing. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), runs: values.length };
}

/** "206 (201 to 209, 7 runs)" */
export function formatSpread({ median: middle, min, max, runs }: Spread, digits = 0): string {
  return `${middle.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)}, ${runs} runs)`;
}
