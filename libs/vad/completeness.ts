/** What recognition makes of the speech so far. */
export interface SpeechGuess {
  readonly text: string;
  /** 0..1: how sure the last word is, its punctuation included. */
  readonly lastWordConfidence: number;
  /** Where the last word ends. */
  readonly lastWordEndUs: number;
}

/** A sentence ends with one of these, quotes and brackets aside; an ellipsis does not end it. */
const sentenceEnd = /(?<!\.\.)[.?!。？！]["'”’)\]」』]*$/u;

/**
 * Whether the words are those of somebody who has finished: recognition hears from words and melody together where a sentence ends,
 * writes its mark, and is sure of it. In the middle of a sentence it writes none, or an ellipsis, or doubts.
 */
export function soundsComplete(guess: SpeechGuess, completeConfidence: number): boolean {
  return guess.lastWordConfidence >= completeConfidence && sentenceEnd.test(guess.text.trim());
}
