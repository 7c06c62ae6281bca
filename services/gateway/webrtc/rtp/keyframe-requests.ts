import type { Clock } from "@troupe/timeline";

/** Passes a peer's requests for keyframes (PLI, FIR) on, at most one in `everyMs`; the last one is never lost. */
export class KeyframeRequests {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #request: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, everyMs: number, request: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#request = request;
  }

  ask(): void {
    if (this.#cancel) return;
    const waitMs = this.#lastMs + this.#everyMs - this.#clock.nowMs();
    if (waitMs <= 0) return this.#pass();
    this.#cancel = this.#clock.setTimer(waitMs, () => this.#pass());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #pass(): void {
    this.#cancel = undefined;
    this.#lastMs = this.#clock.nowMs();
    this.#request();
  }
}
