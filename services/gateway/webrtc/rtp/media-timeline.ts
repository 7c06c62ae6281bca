import type { Clock } from "@troupe/timeline";

/** Off by more than this, the session scale has jumped or stood still; less is the pace of sending. */
const jumpMs = 500;
/** 2^32 / 1000: NTP fractions in a millisecond. */
const ntpPerMs = 4_294_967.296;

/**
 * One line between the session scale and time for all tracks of a peer, so that their sender reports agree to the tick. Time is
 * elapsed time of the clock in NTP format, as RFC 3550 §4 allows a sender without a wall clock.
 */
export class MediaTimeline {
  readonly #clock: Clock;
  /** Time minus position. */
  #offsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A unit leaves now. @returns whether the line is a new one, and reports are due at once */
  sent(ptsUs: number): boolean {
    const offsetMs = this.#clock.nowMs() - ptsUs / 1000;
    if (this.#offsetMs !== undefined && Math.abs(offsetMs - this.#offsetMs) < jumpMs) return false;
    this.#offsetMs = offsetMs;
    return true;
  }

  /** Now, as NTP timestamp and position. Undefined while nothing was sent. */
  now(): { readonly ntp: bigint; readonly ptsUs: number } | undefined {
    if (this.#offsetMs === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    return { ntp: toNtp(nowMs), ptsUs: Math.max(0, (nowMs - this.#offsetMs) * 1000) };
  }
}

/** 64-bit NTP timestamp, 32.32 fixed point, of milliseconds since the clock's zero. */
export function toNtp(ms: number): bigint {
  const seconds = Math.floor(ms / 1000);
  const fraction = Math.min(0xffff_ffff, Math.round((ms - seconds * 1000) * ntpPerMs));
  return (BigInt(seconds & 0xffff_ffff) << 32n) | BigInt(fraction);
}

/** The middle 32 bits, as reports repeat them (LSR). */
export function compactNtp(ntp: bigint): number {
  return Number((ntp >> 16n) & 0xffff_ffffn);
}

/** A position as RTP timestamp (mod 2^32). */
export function rtpTimestamp(base: number, ptsUs: number, clockRateHz: number): number {
  return (base + Math.round((ptsUs * clockRateHz) / 1e6)) % 4_294_967_296;
}
