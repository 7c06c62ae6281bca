import type { Clock } from "@troupe/timeline";
import type { RealtimeLimits } from "../limits.ts";
import type { Pace } from "./pace.ts";

export interface InboxDeps {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly limits: Pick<RealtimeLimits, "maxQueuedMessages" | "maxQueuedLength">;
  /** Carries out one message; never rejects. */
  readonly handle: (text: string) => Promise<void>;
  /** No more should be read from the socket, or reading may go on. */
  readonly flow: (paused: boolean) => void;
}

/**
 * Messages of one client, carried out one after the other. While more wait than may wait, or more come than the pace allows, the
 * socket is not read, so that TCP holds the client back.
 */
export class Inbox {
  readonly #deps: InboxDeps;
  readonly #waiting: string[] = [];
  readonly #stop = new AbortController();
  #length = 0;
  #paused = false;
  #working = false;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
  }

  get paused(): boolean {
    return this.#paused;
  }

  push(text: string): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.push(text);
    this.#length += text.length;
    this.#setFlow();
    if (!this.#working) void this.#work();
  }

  /** Forgets what waits. */
  stop(): void {
    this.#stop.abort();
    this.#waiting.length = 0;
  }

  async #work(): Promise<void> {
    const { pace, clock, handle } = this.#deps;
    const { signal } = this.#stop;
    this.#working = true;
    for (let text = this.#waiting.shift(); text !== undefined && !signal.aborted; text = this.#waiting.shift()) {
      const delayMs = pace.take();
      if (delayMs > 0) await clock.sleep(delayMs, signal).catch(() => undefined);
      if (signal.aborted) break;
      await handle(text);
      this.#length -= text.length;
      this.#setFlow();
    }
    this.#working = false;
  }

  #setFlow(): void {
    const { maxQueuedMessages, maxQueuedLength } = this.#deps.limits;
    const full = this.#waiting.length >= maxQueuedMessages || this.#length >= maxQueuedLength;
    const drained = this.#waiting.length <= maxQueuedMessages / 2 && this.#length <= maxQueuedLength / 2;
    if (this.#paused ? !drained : !full) return;
    this.#paused = !this.#paused;
    this.#deps.flow(this.#paused);
  }
}
