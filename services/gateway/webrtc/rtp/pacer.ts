import type { Clock } from "@troupe/timeline";

const tickMs = 5;
/** Sent at once after a rest, in bytes: most pictures between keyframes. */
const burstBytes = 12_000;
/** Above the target of the encoder, so that a keyframe is through long before the next one. */
const headroom = 2.5;
const minBps = 4_000_000;
const maxWaiting = 1024;

export interface Paced {
  readonly sizeBytes: number;
  send(): void;
}

/** Spreads the packets of large pictures over time, so that no keyframe fills a router's queue (as in libwebrtc's pacer). */
export class Pacer {
  readonly #clock: Clock;
  #waiting: Paced[] = [];
  #budgetBytes = burstBytes;
  #filledMs: number;
  #bytesPerMs = minBps / 8000;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledMs = clock.nowMs();
  }

  /** @param bps target of the encoder */
  set targetBps(bps: number) {
    this.#bytesPerMs = Math.max(minBps, bps * headroom) / 8000;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @returns false where too much waits: the packets are dropped, with all that waited, and a keyframe is needed */
  push(packets: readonly Paced[]): boolean {
    if (this.#waiting.length + packets.length > maxWaiting) {
      this.#waiting = [];
      return false;
    }
    this.#waiting.push(...packets);
    if (this.#cancel === undefined) this.#run();
    return true;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
  }

  #run(): void {
    this.#cancel = undefined;
    const nowMs = this.#clock.nowMs();
    this.#budgetBytes = Math.min(burstBytes, this.#budgetBytes + (nowMs - this.#filledMs) * this.#bytesPerMs);
    this.#filledMs = nowMs;
    let sent = 0;
    for (; sent < this.#waiting.length && this.#budgetBytes > 0; sent++) {
      const packet = this.#waiting[sent] as Paced;
      this.#budgetBytes -= packet.sizeBytes;
      packet.send();
    }
    this.#waiting.splice(0, sent);
    if (this.#waiting.length > 0) this.#cancel = this.#clock.setTimer(tickMs, () => this.#run());
  }
}
