export interface JitterPolicy {
  readonly minMs: number;
  readonly maxMs: number;
  /** Before anything was measured. */
  readonly startMs: number;
  /** Over which arrivals are looked at. */
  readonly windowMs: number;
  /** Share of arrivals that shall be in time where speech begins. */
  readonly inTime: number;
  /** Bounds of what waits while speech plays. */
  readonly speechMinMs: number;
  readonly speechMaxMs: number;
}

export const defaultJitterPolicy: JitterPolicy = {
  minMs: 60,
  maxMs: 200,
  startMs: 80,
  windowMs: 8000,
  inTime: 0.98,
  speechMinMs: 140,
  speechMaxMs: 250,
};

/** Share of the way that the targets come down by with each arrival: halved in 1.4 and in 14 s of units of 20 ms. */
const [fall, speechFall] = [0.01, 0.001];

interface Arrival {
  readonly atMs: number;
  readonly delayMs: number;
}

/**
 * How much sound should wait before it is played, from how unevenly it arrives: delays over the quickest arrival of the last seconds
 * (as NetEQ's and RFC 5481's packet delay variation), plus one unit. Two answers: where speech begins every millisecond is latency, and
 * most arrivals shall be in time; while it plays its pauses can be lengthened unheard, and all arrivals shall be.
 */
export class JitterTarget {
  readonly #policy: JitterPolicy;
  #arrivals: Arrival[] = [];
  #onsetMs: number;
  #speechMs: number;

  constructor(policy: JitterPolicy = defaultJitterPolicy) {
    this.#policy = policy;
    this.#onsetMs = policy.startMs;
    this.#speechMs = policy.speechMinMs;
  }

  /** Where speech begins. */
  get onsetMs(): number {
    return this.#onsetMs;
  }

  /** While it plays. */
  get speechMs(): number {
    return this.#speechMs;
  }

  /**
   * @param atMs when the unit came where it is played, on any monotonic clock
   * @param ptsMs where it begins, on the session scale
   */
  arrived(atMs: number, ptsMs: number, durationMs: number): void {
    const { windowMs, inTime, minMs, maxMs, speechMinMs, speechMaxMs } = this.#policy;
    while (this.#arrivals[0] && this.#arrivals[0].atMs <= atMs - windowMs) this.#arrivals.shift();
    this.#arrivals.push({ atMs, delayMs: atMs - ptsMs });
    const delays = Float64Array.from(this.#arrivals, ({ delayMs }) => delayMs).sort();
    const lateMs = (share: number) =>
      (delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] as number) - (delays[0] as number);
    const within = (ms: number, least: number, most: number) => Math.max(least, Math.min(most, ms + durationMs));
    this.#onsetMs = towards(this.#onsetMs, within(lateMs(inTime), minMs, maxMs), fall);
    this.#speechMs = towards(this.#speechMs, within(lateMs(1), speechMinMs, speechMaxMs), speechFall);
  }

  /** After a gap of the connection or a change of scale old delays say nothing. The targets stay. */
  restart(): void {
    this.#arrivals = [];
  }
}

/** Up at once, down slowly: a network that was uneven once will be so again. */
const towards = (nowMs: number, wantedMs: number, share: number) => (wantedMs > nowMs ? wantedMs : nowMs + (wantedMs - nowMs) * share);
