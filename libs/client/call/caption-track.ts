interface TimedCaption {
  readonly ptsUs: number;
  readonly text: string;
}

/** Captions wait for the sound of their words. */
export class CaptionTrack {
  #waiting: TimedCaption[] = [];
  #shown = "";

  add(ptsUs: number, text: string): void {
    this.#waiting.push({ ptsUs, text });
  }

  /** The response was cut: nothing of it is shown any more. */
  clear(): void {
    this.#waiting = [{ ptsUs: 0, text: "" }];
  }

  /** @returns the words to be shown from now on; undefined where nothing changes */
  due(positionUs: number): string | undefined {
    const due = this.#waiting.filter(({ ptsUs }) => ptsUs <= positionUs).at(-1);
    this.#waiting = this.#waiting.filter(({ ptsUs }) => ptsUs > positionUs);
    if (!due || due.text === this.#shown) return undefined;
    this.#shown = due.text;
    return due.text;
  }
}
