export interface JitterPolicy {
  readonly minMs: number;
  readonly maxMs: number;
  /** Before anything was measured. */
  readonly startMs: number;
  /** Over which arrivals are looked at. */
  readonly windowMs: number;
  /** Share of arrivals that shall be in time. */
  readonly inTime: number;
}

export const defaultJitterPolicy: JitterPolicy = { minMs: 60, maxMs: 200, startMs: 80, windowMs: 8000, inTime: 0.98 };

interface Arrival {
  readonly atMs: number;
  readonly delayMs: number;
}

/**
 * How much sound should wait before it is played, from how unevenly it arrives: the quantile of the delay over the quickest
 * arrival of the last seconds (as NetEQ's and RFC 5481's packet delay variation), plus one unit.
 */
export class JitterTarget {
  readonly #policy: JitterPolicy;
  #arrivals: Arrival[] = [];
  #targetMs: number;

  constructor(policy: JitterPolicy = defaultJitterPolicy) {
    this.#policy = policy;
    this.#targetMs = policy.startMs;
  }

  get targetMs(): number {
    return this.#targetMs;
  }

  /**
   * @param atMs when the unit came, on any monotonic clock
   * @param ptsMs where it begins, on the session scale
   */
  arrived(atMs: number, ptsMs: number, durationMs: number): void {
    const { windowMs, inTime, minMs, maxMs } = this.#policy;
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.atMs > atMs - windowMs);
    this.#arrivals.push({ atMs, delayMs: atMs - ptsMs });
    const delays = this.#arrivals.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
    const late = (delays[Math.min(delays.length - 1, Math.floor(delays.length * inTime))] as number) - (delays[0] as number);
    const wanted = Math.max(minMs, Math.min(maxMs, late + durationMs));
    // Up at once, down slowly: a network that was uneven once will be so again.
    this.#targetMs = wanted > this.#targetMs ? wanted : this.#targetMs + (wanted - this.#targetMs) * 0.01;
  }

  /** After a gap of the connection or a change of scale old delays say nothing. The target stays. */
  restart(): void {
    this.#arrivals = [];
  }
}
