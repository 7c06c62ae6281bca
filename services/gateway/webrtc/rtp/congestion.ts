/** What a peer's network carries, as far as its reports tell. */
export interface CongestionHint {
  /** Of the picture. */
  readonly bitrateBps: number;
  /** 0..1, of the last report. */
  readonly lossFraction: number;
  /** Of the last report that told; undefined: none yet. */
  readonly rttMs: number | undefined;
}

export interface CongestionPolicy {
  readonly minBps: number;
  /** Least time between two hints that raise the rate, each of which costs a keyframe. */
  readonly raiseEveryMs: number;
  readonly lowerEveryMs: number;
}

export const defaultCongestionPolicy: CongestionPolicy = { minBps: 100_000, raiseEveryMs: 8000, lowerEveryMs: 1500 };

const highLoss = 0.1;
const lowLoss = 0.02;
/** Smaller changes are not worth a keyframe. */
const worthwhile = 0.15;
/** Of what the picture is meant to have: with less, a smaller one looks better than a coarse one. */
const enoughShare = 0.5;
/** What was reported says nothing of the network any more after so long. */
const basisMs = 5000;

/**
 * Loss-based rate control (Google congestion control, draft-ietf-rmcat-gcc-02 §6): over 10 % loss it falls by half of the loss, under
 * 2 % it rises by 5 % a report up to what was asked for; a receiver's own estimate (REMB) caps it.
 */
export class CongestionControl {
  readonly #policy: CongestionPolicy;
  #maxBps: number;
  #rateBps: number;
  #told: number;
  #toldMs = Number.NEGATIVE_INFINITY;
  #estimateBps = Number.POSITIVE_INFINITY;
  #lossFraction = 0;
  #rttMs: number | undefined;
  #reportedMs = Number.NEGATIVE_INFINITY;

  /** @param maxBps what the encoder is asked for, and starts with */
  constructor(maxBps: number, policy: CongestionPolicy = defaultCongestionPolicy) {
    this.#policy = policy;
    this.#maxBps = maxBps;
    this.#rateBps = maxBps;
    this.#told = this.#rateBps;
  }

  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  get lossFraction(): number {
    return this.#lossFraction;
  }

  /** The encoder was asked for another rate; 0: there is no picture. The network carries what it carries, so the next report may lower it. */
  set maxBps(bps: number) {
    this.#maxBps = bps;
    this.#rateBps = Math.min(this.#rateBps, bps);
    this.#told = bps;
  }

  /** Whether the network carries too little of what the picture is meant to have: many packets are lost, or its rate fell below half. */
  congestedAt(nowMs: number): boolean {
    if (this.#maxBps === 0 || nowMs - this.#reportedMs > basisMs) return false;
    return this.#lossFraction > highLoss || this.#rateBps < enoughShare * this.#maxBps;
  }

  /** A receiver report on the picture. @returns the hint, where there is news */
  report(lossFraction: number, rttMs: number | undefined, nowMs: number): CongestionHint | undefined {
    this.#lossFraction = lossFraction;
    this.#reportedMs = nowMs;
    this.#rttMs = rttMs ?? this.#rttMs;
    if (lossFraction > highLoss) this.#rateBps *= 1 - lossFraction / 2;
    else if (lossFraction < lowLoss) this.#rateBps *= 1.05;
    return this.#news(nowMs);
  }

  /** The receiver's own estimate of what arrives. */
  estimate(bps: number, nowMs: number): CongestionHint | undefined {
    this.#estimateBps = bps;
    this.#reportedMs = nowMs;
    return this.#news(nowMs);
  }

  #news(nowMs: number): CongestionHint | undefined {
    const { minBps, raiseEveryMs, lowerEveryMs } = this.#policy;
    this.#rateBps = Math.min(this.#maxBps, Math.max(minBps, Math.min(this.#rateBps, this.#estimateBps)));
    const change = this.#rateBps / this.#told - 1;
    const waitMs = change > 0 ? raiseEveryMs : lowerEveryMs;
    if (Math.abs(change) < worthwhile || nowMs - this.#toldMs < waitMs) return undefined;
    this.#told = this.#rateBps;
    this.#toldMs = nowMs;
    return { bitrateBps: Math.round(this.#rateBps), lossFraction: this.#lossFraction, rttMs: this.#rttMs };
  }
}
