export interface ReconnectPolicy {
  readonly firstDelayMs: number;
  /** Within `soonMs` of the loss, and after it. */
  readonly maxSoonDelayMs: number;
  readonly maxDelayMs: number;
  readonly soonMs: number;
}

export const defaultReconnectPolicy: ReconnectPolicy = { firstDelayMs: 250, maxSoonDelayMs: 1000, maxDelayMs: 4000, soonMs: 10_000 };

/**
 * When to try again after a lost connection: 250 ms, doubled each time up to 1 s, and up to 4 s when 10 s have passed; shortened by up to half at random so that many
 * clients of one gateway do not come back at the same moment; never beyond the window in which the session waits.
 * @param attempt tries so far
 * @param sinceLostMs time since the connection was lost
 * @param random 0..1
 * @returns the delay, or nothing where the session is given up
 */
export function nextDelayMs(
  { firstDelayMs, maxSoonDelayMs, maxDelayMs, soonMs }: ReconnectPolicy,
  state: { readonly attempt: number; readonly sinceLostMs: number; readonly windowMs: number },
  random: number,
): number | undefined {
  const leftMs = state.windowMs - state.sinceLostMs;
  if (leftMs <= 0) return undefined;
  const longestMs = state.sinceLostMs < soonMs ? maxSoonDelayMs : maxDelayMs;
  const delayMs = Math.min(longestMs, firstDelayMs * 2 ** state.attempt) * (state.attempt === 0 ? 1 : 1 - 0.5 * random);
  return Math.min(delayMs, leftMs);
}
