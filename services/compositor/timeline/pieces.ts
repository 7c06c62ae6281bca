/** A stretch of a response that was presented without interruption, in samples. */
export interface Piece {
  readonly response: number;
  readonly responseStart: number;
  readonly sessionStart: number;
  length: number;
}

/**
 * Where the responses stand on the session's scale. A stall, a hold or a resume opens a new piece; what is presented never changes.
 * Only the pieces of the last responses are kept.
 */
export class Pieces {
  readonly #pieces: Piece[] = [];

  add(response: number, responseStart: number, sessionStart: number, length: number): void {
    const last = this.#pieces.at(-1);
    if (
      last &&
      last.response === response &&
      last.responseStart + last.length === responseStart &&
      last.sessionStart + last.length === sessionStart
    )
      last.length += length;
    else this.#pieces.push({ response, responseStart, sessionStart, length });
    if (this.#pieces.length > 256) this.#pieces.shift();
  }

  of(response: number): readonly Piece[] {
    return this.#pieces.filter((piece) => piece.response === response);
  }
}
