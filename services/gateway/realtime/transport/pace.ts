import type { Clock } from "@troupe/timeline";

/** A token bucket: so many at once, then so many a second. */
export class Pace {
  readonly limit: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.limit = burst;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = burst;
    this.#atMs = clock.nowMs();
  }

  get remaining(): number {
    this.#refill();
    return Math.max(0, Math.floor(this.#tokens));
  }

  /** Until the bucket is full again. */
  get resetSeconds(): number {
    this.#refill();
    return (this.limit - this.#tokens) / this.#perSecond;
  }

  /** @returns how long to wait before the one that was taken is due, in milliseconds */
  take(): number {
    this.#refill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  #refill(): void {
    const nowMs = this.#clock.nowMs();
    this.#tokens = Math.min(this.limit, this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
  }
}
