import type { LexicalHit } from "./lexical-index.ts";
import type { Passage } from "./passage.ts";
import { isExact, stemOf } from "./terms.ts";

/** How well a passage speaks of one word of the question, 0..1, and how much the word says, 0..1. */
export interface WordCover {
  readonly cover: number;
  readonly weight: number;
}

/** Word likeness below `from` counts as nothing, above `to` as the same word. */
const likenessRange = { from: 0.45, to: 0.85 } as const;
const fuzzyMatch = 0.9;
const titleMatch = 0.85;

/** @param nearest likeness (-1..1) of the word to the nearest word of the passage */
export function coverOf(
  word: string,
  passage: Passage,
  hit: LexicalHit | undefined,
  nearest: (word: string, passage: Passage) => number,
): number {
  const stem = stemOf(word);
  if (passage.terms.has(stem)) return 1;
  const { from, to } = likenessRange;
  const alike = isExact(stem) ? 0 : Math.min(1, Math.max(0, (nearest(word, passage) - from) / (to - from)));
  return Math.max(alike, passage.titleTerms.has(stem) ? titleMatch : 0, hit?.matched.has(stem) ? fuzzyMatch : 0);
}

/**
 * The share of the question that is covered, and the cover of its worst word.
 * @param wordless both, for a question without a word that carries meaning ("how do I get there")
 */
export function summariseCover(words: readonly WordCover[], wordless: number): { readonly coverage: number; readonly weakest: number } {
  const total = words.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return { coverage: wordless, weakest: wordless };
  return {
    coverage: words.reduce((sum, { cover, weight }) => sum + cover * weight, 0) / total,
    weakest: words.reduce((least, { cover, weight }) => Math.min(least, 1 - (1 - cover) * weight), 1),
  };
}
