import type { RecognisedWord } from "../backend.ts";
import type { Decoded } from "./greedy-decoding.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { alignTokens } from "./word-times.ts";

/** One encoder state covers two frames of 10 ms. */
const STATE_US = 20_000;

/** Groups tokens into words (punctuation stays with the word before it) and places them in time. */
export function toWords(decoded: Decoded, vocabulary: Vocabulary, durationUs: number): readonly RecognisedWord[] {
  const spans = alignTokens(decoded.attention, Math.ceil(durationUs / STATE_US));
  return groupByWord(decoded.tokens, vocabulary).map(({ first, end }) => ({
    text: vocabulary.decode(decoded.tokens.slice(first, end)).trim(),
    startUs: Math.min(durationUs, (spans[first]?.start ?? 0) * STATE_US),
    endUs: Math.min(durationUs, (spans[end - 1]?.end ?? 0) * STATE_US),
    confidence: meanProbability(decoded.logProbabilities.slice(first, end)),
  }));
}

/** The geometric mean, 0..1. */
export function meanProbability(logProbabilities: readonly number[]): number {
  if (logProbabilities.length === 0) return 0;
  return Math.exp(logProbabilities.reduce((sum, value) => sum + value, 0) / logProbabilities.length);
}

function groupByWord(tokens: readonly number[], vocabulary: Vocabulary): { readonly first: number; readonly end: number }[] {
  const groups: { first: number; end: number }[] = [];
  tokens.forEach((token, index) => {
    const current = groups.at(-1);
    if (current && !vocabulary.startsWord(token)) current.end = index + 1;
    else groups.push({ first: index, end: index + 1 });
  });
  return groups.filter(({ first, end }) => vocabulary.decode(tokens.slice(first, end)).trim() !== "");
}
