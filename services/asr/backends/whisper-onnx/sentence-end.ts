import type { Decoded } from "./text-row.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * How probable it is that a sentence ends with the last word, 0..1: the sum over all marks that end one, in the place after the word.
 * Which of them is written, a question mark or a full stop, is another question, and so is how the word is spelled.
 */
export function sentenceEndOf(
  { tokens, sentenceEnds }: Pick<Decoded, "tokens" | "sentenceEnds">,
  vocabulary: Pick<Vocabulary, "sentenceEnds">,
): number {
  const afterWord = tokens.findLastIndex((token) => !vocabulary.sentenceEnds.includes(token)) + 1;
  // What was cut short has no place after its last word.
  return afterWord === 0 ? 0 : Math.min(1, sentenceEnds[afterWord] ?? 0);
}
