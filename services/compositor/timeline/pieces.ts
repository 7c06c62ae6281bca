/** A stretch of a response that was presented without interruption, in samples. */
export interface Piece {
  readonly response: number;
  readonly responseStart: number;
  readonly sessionStart: number;
  length: number;
}

/** A place in a response, in samples. */
export interface ResponsePlace {
  readonly response: number;
  readonly responseSample: number;
}

/** Of responses that are over, for sound that has not left its encoder yet. */
const keptPieces = 32;

/**
 * Where the responses stand on the session's scale. A stall, a hold or a resume opens a new piece; what is presented never changes.
 * A response's pieces are kept until it is over, and a few more.
 */
export class Pieces {
  #pieces: Piece[] = [];

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
  }

  of(response: number): readonly Piece[] {
    return this.#pieces.filter((piece) => piece.response === response);
  }

  /** What sounds at a sample of the session; undefined: nothing of a response. */
  at(sessionSample: number): ResponsePlace | undefined {
    const piece = this.#pieces.findLast(({ sessionStart }) => sessionStart <= sessionSample);
    if (!piece || sessionSample >= piece.sessionStart + piece.length) return undefined;
    return { response: piece.response, responseSample: piece.responseStart + sessionSample - piece.sessionStart };
  }

  /** How far a response was when the session stood at a sample; undefined where nothing of it is known. */
  reached(response: number, sessionSample: number): number | undefined {
    const own = this.of(response);
    const piece = own.findLast(({ sessionStart }) => sessionStart <= sessionSample);
    if (!piece) return own[0]?.responseStart;
    return piece.responseStart + Math.min(piece.length, sessionSample - piece.sessionStart);
  }

  /** Where the session stood when a response's sample had left, the last time that it was said; undefined: it never was. */
  sessionEnd(response: number, responseEnd: number): number | undefined {
    const piece = this.#pieces.findLast(
      (one) => one.response === response && one.responseStart < responseEnd && responseEnd <= one.responseStart + one.length,
    );
    return piece && piece.sessionStart + responseEnd - piece.responseStart;
  }

  /** Nothing more is asked about the response but what left last. */
  over(): void {
    if (this.#pieces.length > 2 * keptPieces) this.#pieces = this.#pieces.slice(-keptPieces);
  }
}
