export interface TickScaleOptions {
  readonly sampleRateHz: number;
  readonly framesPerSecond: number;
  /** Where the first tick begins on the session scale. */
  readonly startSample: number;
}

/** Cuts the session's sound into ticks of one frame each, without loss: ticks differ by a sample where the rates have no common measure. */
export class TickScale {
  readonly #sampleRateHz: number;
  #framesPerSecond: number;
  #baseSample: number;
  /** Since the frame rate was set. */
  #ticks = 0;

  constructor({ sampleRateHz, framesPerSecond, startSample }: TickScaleOptions) {
    this.#sampleRateHz = sampleRateHz;
    this.#framesPerSecond = framesPerSecond;
    this.#baseSample = startSample;
  }

  /** First sample of the next tick. */
  get sample(): number {
    return this.#startOf(this.#ticks);
  }

  /** First sample after the next tick. */
  get end(): number {
    return this.#startOf(this.#ticks + 1);
  }

  get length(): number {
    return this.end - this.sample;
  }

  advance(): void {
    this.#ticks++;
  }

  /** The next tick begins where it would have; from then on they have another length. */
  setFrameRate(framesPerSecond: number): void {
    if (framesPerSecond === this.#framesPerSecond) return;
    this.#baseSample = this.sample;
    this.#ticks = 0;
    this.#framesPerSecond = framesPerSecond;
  }

  #startOf(tick: number): number {
    return this.#baseSample + Math.round((tick * this.#sampleRateHz) / this.#framesPerSecond);
  }
}
