import type { Clock } from "@troupe/timeline";

/** Presentation that follows the last response before a finished session ends. */
const tailUs = 200_000;
const tailTimeoutMs = 2000;

/** Waits until what follows the last response has come, so that a recording ends with a closed mouth. */
export class PresentationTail {
  readonly #clock: Clock;
  #soundUs = 0;
  #more: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** End of the sound that has come, on the session scale. */
  get soundUs(): number {
    return this.#soundUs;
  }

  sound(endUs: number): void {
    this.#soundUs = endUs;
  }

  /** Picture or sound has come. */
  came(): void {
    this.#more();
  }

  /** @param lastEndUs where the last response ended */
  async passed(lastEndUs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#clock.setTimer(tailTimeoutMs, late.resolve);
    const enough = Promise.withResolvers<void>();
    this.#more = () => {
      if (this.#soundUs >= lastEndUs + tailUs) enough.resolve();
    };
    this.#more();
    await Promise.race([enough.promise, late.promise]);
    cancel();
  }
}
