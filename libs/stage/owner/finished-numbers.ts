/** Which numbers are over, as long as a lower one is not. */
export class FinishedNumbers {
  /** All up to this number are over. */
  through = 0;
  readonly #beyond = new Set<number>();

  add(number: number): void {
    if (number > this.through) this.#beyond.add(number);
    while (this.#beyond.delete(this.through + 1)) this.through++;
  }

  addThrough(number: number): void {
    this.through = Math.max(this.through, number);
  }
}
