/** Appends to one SourceBuffer, one piece after the other, and forgets what was played. */
export class SourceTrack {
  readonly #buffer: SourceBuffer;
  readonly #pending: Uint8Array[] = [];

  constructor(source: MediaSource, type: string) {
    this.#buffer = source.addSourceBuffer(type);
    this.#buffer.addEventListener("updateend", () => this.#next());
  }

  append(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#next();
  }

  /** Drops what lies before. */
  trim(beforeS: number): void {
    if (this.settled && beforeS > 1) this.#buffer.remove(0, beforeS);
  }

  /** Whether all that was appended is there. */
  get settled(): boolean {
    return !this.#buffer.updating && this.#pending.length === 0;
  }

  get endS(): number {
    const { buffered } = this.#buffer;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
  }

  #next(): void {
    const bytes = this.#buffer.updating ? undefined : this.#pending.shift();
    if (bytes) this.#buffer.appendBuffer(bytes as Uint8Array<ArrayBuffer>);
  }
}
