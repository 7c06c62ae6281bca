/** Beyond this much lateness the clock is set anew instead of catching up. */
const maxCatchUpMs = 500;

/** What to do now about the tick that comes next. */
export interface PaceStep {
  /** After the tick's time; negative: before it. */
  readonly lateMs: number;
  /** How much time was given up: the session's scale stands that much further behind the wall clock from now on. */
  readonly givenUpMs: number;
}

/**
 * When live ticks are due: at the time at which their sound would be played, had it been played without a break since the first one.
 * Each due time is counted from the start, so errors of timers do not add up. After a stop the ticks that were missed are made at once,
 * as long as that is no more than half a second of sound, which clients can take into their buffers; of a longer stop nothing is made up
 * for. Either way the sound goes on with the next sample: nothing is skipped, and nothing is played faster.
 */
export class LivePace {
  readonly #sampleRateHz: number;
  readonly #startSample: number;
  #startMs: number;

  constructor(nowMs: number, startSample: number, sampleRateHz: number) {
    this.#startMs = nowMs;
    this.#startSample = startSample;
    this.#sampleRateHz = sampleRateHz;
  }

  step(nowMs: number, sample: number): PaceStep {
    const dueMs = this.#startMs + ((sample - this.#startSample) / this.#sampleRateHz) * 1000;
    const lateMs = nowMs - dueMs;
    if (lateMs <= maxCatchUpMs) return { lateMs, givenUpMs: 0 };
    this.#startMs += lateMs;
    return { lateMs: 0, givenUpMs: lateMs };
  }
}
