interface Span {
  readonly fromUs: number;
  readonly toUs: number;
  readonly response: number;
  muted: boolean;
}

/** Which response sounds when, and what of it may not be heard: for a player that cannot take sound back. */
export class HeardSpans {
  #spans: Span[] = [];
  readonly #silenced = new Set<number>();

  add(fromUs: number, durationUs: number, response: number): void {
    const last = this.#spans.at(-1);
    const muted = this.#silenced.has(response);
    this.#spans = this.#spans.filter(({ toUs }) => toUs > fromUs - 30e6);
    if (last && last.response === response && last.muted === muted && Math.abs(last.toUs - fromUs) < 2000) {
      this.#spans[this.#spans.length - 1] = { ...last, toUs: fromUs + durationUs };
    } else this.#spans.push({ fromUs, toUs: fromUs + durationUs, response, muted });
  }

  /** What is there of the response falls silent, and so does what comes until it is released. */
  silence(response: number): void {
    if (response === 0) return;
    this.#silenced.add(response);
    for (const span of this.#spans) if (span.response === response) span.muted = true;
  }

  /** What comes from now on sounds again. */
  release(response: number): void {
    this.#silenced.delete(response);
  }

  at(positionUs: number): { readonly response: number; readonly muted: boolean; readonly toUs: number } | undefined {
    return this.#spans.findLast(({ fromUs, toUs }) => positionUs >= fromUs && positionUs < toUs);
  }
}
