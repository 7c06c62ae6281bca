import type { Clock } from "@troupe/timeline";

export interface Rate {
  readonly perSecond: number;
  /** So many at once after a pause. */
  readonly burst: number;
}

/** A token bucket. */
export interface RateLimit {
  /** Takes a token, or says how long until there is one. */
  take(): { readonly taken: true } | { readonly taken: false; readonly waitMs: number };
}

export function createRateLimit(clock: Clock, { perSecond, burst }: Rate): RateLimit {
  let tokens = burst;
  let filledMs = clock.nowMs();
  return {
    take() {
      const nowMs = clock.nowMs();
      tokens = Math.min(burst, tokens + ((nowMs - filledMs) / 1000) * perSecond);
      filledMs = nowMs;
      // Rounding must not leave a caller one billionth short for ever.
      if (tokens >= 1 - 1e-9) {
        tokens = Math.max(0, tokens - 1);
        return { taken: true };
      }
      return { taken: false, waitMs: ((1 - tokens) / perSecond) * 1000 };
    },
  };
}
