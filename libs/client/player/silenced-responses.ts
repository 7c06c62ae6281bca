/** Cancelled responses that are remembered one by one. */
const remembered = 256;

/** Which responses may not sound: held for now, or cancelled for good. Bounded. */
export class SilencedResponses {
  readonly #held = new Set<number>();
  readonly #cancelled = new Set<number>();

  has(response: number): boolean {
    return this.#held.has(response) || this.#cancelled.has(response);
  }

  add(response: number, forever: boolean): void {
    if (response === 0) return;
    if (!forever) {
      this.#held.add(response);
      return;
    }
    this.#held.delete(response);
    this.#cancelled.add(response);
    if (this.#cancelled.size > remembered) this.#cancelled.delete(Math.min(...this.#cancelled));
  }

  /** A held response may sound again; a cancelled one never. */
  release(response: number): void {
    this.#held.delete(response);
  }
}
