import type { PresentedPacket } from "@troupe/contracts";
import type { CompositorMetrics } from "./metrics.ts";

export interface TickHealth {
  /** After its time. */
  readonly lateMs: number;
  /** Undefined: no picture is wanted. */
  readonly picture: "drawn" | "dropped" | undefined;
  /** How much further the sound has left the encoders than the picture. */
  readonly offsetUs: number | undefined;
}

/** How well a session keeps its time, tick by tick, and what is said of it each second. */
export class Health {
  readonly #metrics: CompositorMetrics;
  #due = 0;
  #dropped = 0;
  #worstMs = 0;
  #offsetSumUs = 0;
  #offsets = 0;

  constructor(metrics: CompositorMetrics) {
    this.#metrics = metrics;
  }

  observe({ lateMs, picture, offsetUs }: TickHealth): void {
    const { frames, latenessSeconds, offsetSeconds } = this.#metrics;
    latenessSeconds.observe(lateMs / 1000);
    this.#worstMs = Math.max(this.#worstMs, lateMs);
    if (picture) {
      frames.inc({ outcome: picture });
      this.#due++;
      if (picture === "dropped") this.#dropped++;
    }
    if (offsetUs === undefined) return;
    offsetSeconds.observe(offsetUs / 1e6);
    this.#offsetSumUs += offsetUs;
    this.#offsets++;
  }

  /** The report on what was observed since the last one. The offset is the mean. */
  report(): PresentedPacket["body"] & { readonly case: "health" } {
    const value = {
      $typeName: "troupe.presentation.v1.PresenterHealth",
      dueFrames: this.#due,
      droppedFrames: this.#dropped,
      worstLatenessUs: Math.round(this.#worstMs * 1000),
      avOffsetUs: this.#offsets === 0 ? 0 : Math.round(this.#offsetSumUs / this.#offsets),
    } as const;
    this.#due = this.#dropped = this.#worstMs = this.#offsetSumUs = this.#offsets = 0;
    return { case: "health", value };
  }
}
