/** What recognition makes of the speech so far. */
export interface SpeechGuess {
  readonly text: string;
  /** 0..1: how sure it is that a sentence ends with the last word, by whichever mark. */
  readonly sentenceEnd: number;
  /** 0..1: how sure the last word is, the mark that was written included. */
  readonly lastWordConfidence: number;
  /** Where the last word ends. */
  readonly lastWordEndUs: number;
}

/** A sentence ends with one of these, quotes and brackets aside; an ellipsis does not end it. */
const endsSentence = /(?<!\.\.)[.?!。？！]["'”’)\]」』]*$/u;

/**
 * How much the words are those of somebody who has finished, 0..1: recognition hears from words and melody together where a sentence ends,
 * writes its mark, and is sure of it. In the middle of a sentence it writes none, or an ellipsis, or doubts: the word, the mark, or that
 * any mark stands there. The geometric mean tells better than either.
 */
export function completenessOf({ text, sentenceEnd, lastWordConfidence }: SpeechGuess): number {
  return endsSentence.test(text.trim()) ? Math.sqrt(sentenceEnd * lastWordConfidence) : 0;
}

/** How far the last word of a guess may end before the last voice: further, and something was said that the guess has not heard. */
const guessToleranceUs = 250_000;

/** Whether nothing was said after the guess. @param lastVoiceUs on the scale of the guess */
export const heardAll = ({ lastWordEndUs }: Pick<SpeechGuess, "lastWordEndUs">, lastVoiceUs: number): boolean =>
  lastVoiceUs - lastWordEndUs < guessToleranceUs;

/** So sure a recogniser is of a last word that it has not cut in two. */
const maybeConfidence = 0.5;
/** Sentences of these scripts end without a mark as often as with one. */
const unmarked = /\p{Script=Han}$/u;

/**
 * Whether what was said may be all, so that it is worth while to begin with an answer: less sure than what ends an utterance, since a wrong
 * guess costs work and is not heard.
 * @param lastVoiceUs on the scale of the guess
 */
export function mayBeComplete(guess: SpeechGuess, lastVoiceUs: number): boolean {
  const text = guess.text.trim();
  if (!heardAll(guess, lastVoiceUs) || guess.lastWordConfidence < maybeConfidence) return false;
  return endsSentence.test(text) || unmarked.test(text);
}
