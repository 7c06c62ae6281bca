import { Track } from "@troupe/contracts";
import type { Clock } from "@troupe/timeline";
import type { SessionEvent } from "./session-event.ts";

/** What a session has used so far. */
export interface UsageReport {
  readonly sessionSeconds: number;
  /** Sound that came from the person. */
  readonly heardSeconds: number;
  /** Sound of responses that left the presenter. */
  readonly spokenSeconds: number;
  readonly videoFrames: number;
  readonly utterances: number;
  readonly responses: number;
}

/** What a session used before, at another gateway. */
export type EarlierUsage = Omit<UsageReport, "sessionSeconds">;

/** Counts what a session uses. */
export class SessionUsage {
  readonly #clock: Clock;
  readonly #startMs: number;
  #heardSeconds = 0;
  #spokenUs = 0;
  #videoFrames = 0;
  #utterances = 0;
  #responses = 0;

  /** @param startMs of the session, on the clock; before the clock's own start where another gateway opened it */
  constructor(clock: Clock, startMs: number = clock.nowMs(), earlier?: EarlierUsage) {
    this.#clock = clock;
    this.#startMs = startMs;
    if (!earlier) return;
    this.#heardSeconds = earlier.heardSeconds;
    this.#spokenUs = earlier.spokenSeconds * 1e6;
    this.#videoFrames = earlier.videoFrames;
    this.#utterances = earlier.utterances;
    this.#responses = earlier.responses;
  }

  heard(seconds: number): void {
    this.#heardSeconds += seconds;
  }

  event(event: SessionEvent): void {
    if (event.case === "utteranceStarted") this.#utterances++;
    if (event.case === "responseDone") {
      this.#responses++;
      this.#spokenUs += Number(event.value.presentedUs);
    }
    if (event.case === "av" && event.value.body.case === "unit" && event.value.body.value.track === Track.VIDEO) this.#videoFrames++;
  }

  report(): UsageReport {
    return {
      sessionSeconds: (this.#clock.nowMs() - this.#startMs) / 1000,
      heardSeconds: this.#heardSeconds,
      spokenSeconds: this.#spokenUs / 1e6,
      videoFrames: this.#videoFrames,
      utterances: this.#utterances,
      responses: this.#responses,
    };
  }
}
