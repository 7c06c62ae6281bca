/** A decoded picture; VideoFrame is one. */
export interface TimedFrame {
  /** On the session scale. */
  readonly ptsUs: number;
  readonly close: () => void;
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Pictures that wait for their sound. Bounded: the oldest goes first, and counts as dropped. */
export class FrameQueue<Frame extends TimedFrame> {
  dropped = 0;
  readonly #bound: number;
  #frames: Frame[] = [];
  #skipped: Span[] = [];

  constructor(bound = 48) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#frames.length;
  }

  push(frame: Frame): void {
    if (this.#isSkipped(frame)) return frame.close();
    this.#frames.push(frame);
    if (this.#frames.length <= this.#bound) return;
    this.#frames.shift()?.close();
    this.dropped++;
  }

  /**
   * The picture to be shown while `positionUs` is heard: the latest that is not later. What it passes over came too late.
   * The caller closes it.
   */
  due(positionUs: number): Frame | undefined {
    let due: Frame | undefined;
    while (this.#frames[0] && this.#frames[0].ptsUs <= positionUs) {
      if (due) {
        due.close();
        this.dropped++;
      }
      due = this.#frames.shift();
    }
    this.#skipped = this.#skipped.filter(({ toUs }) => toUs > positionUs - 5e6);
    return due;
  }

  /** Pictures of sound that was silenced are never shown, whether they are here already or still come. Not counted as dropped. */
  skip(fromUs: number, toUs: number): void {
    this.#skipped.push({ fromUs, toUs });
    this.#frames = this.#frames.filter((frame) => {
      const skipped = this.#isSkipped(frame);
      if (skipped) frame.close();
      return !skipped;
    });
  }

  /** Pictures that still come are shown, whatever was skipped. */
  forgetSkipped(): void {
    this.#skipped = [];
  }

  clear(): void {
    for (const frame of this.#frames) frame.close();
    this.#frames = [];
    this.#skipped = [];
  }

  #isSkipped({ ptsUs }: TimedFrame): boolean {
    return this.#skipped.some(({ fromUs, toUs }) => ptsUs >= fromUs && ptsUs < toUs);
  }
}
