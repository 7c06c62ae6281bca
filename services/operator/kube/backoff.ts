export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Doubles with each failure up to the maximum; the upper half is random, so that those who failed together do not come back together.
 * @param failures how many went before, from 0
 * @param random 0 to 1
 */
export function backoffMs({ initialMs, maxMs }: BackoffPolicy, failures: number, random: number): number {
  const fullMs = Math.min(maxMs, initialMs * 2 ** Math.min(failures, 40));
  return fullMs * (0.5 + random / 2);
}
