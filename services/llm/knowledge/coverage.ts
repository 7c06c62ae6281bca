import type { LexicalHit } from "./lexical-index.ts";
import { characterPairs, isExact, isHan, stemOf } from "./terms.ts";

/** What a text can be found by. */
export interface SearchTerms {
  readonly terms: ReadonlySet<string>;
  readonly titleTerms: ReadonlySet<string>;
  readonly askedTerms: ReadonlySet<string>;
}

/** How well a passage speaks of one word of the question, 0..1, and how much the word says, 0..1. */
export interface WordCover {
  readonly cover: number;
  readonly weight: number;
}

/** Token likeness below `from` counts as nothing, above `to` as the same word: "dogs" to "children" has 0.25, "kids" 0.67. */
const likenessRange = { from: 0.28, to: 0.62 } as const;
const fuzzyMatch = 0.9;
const titleMatch = 0.85;

/** @param likeness (-1..1) of the word to the nearest tokens of the passage */
export function coverOf(word: string, text: SearchTerms, hit: LexicalHit | undefined, likeness: number): number {
  const stem = stemOf(word);
  if (holds(text.terms, stem) || holds(text.askedTerms, stem)) return 1;
  const { from, to } = likenessRange;
  const alike = isExact(stem) ? 0 : Math.min(1, Math.max(0, (likeness - from) / (to - from)));
  return Math.max(alike, holds(text.titleTerms, stem) ? titleMatch : 0, hit?.matched.has(stem) ? fuzzyMatch : 0);
}

/** Longer Chinese words are held by their pairs, however they were cut there. */
function holds(terms: ReadonlySet<string>, stem: string): boolean {
  if (terms.has(stem)) return true;
  return isHan(stem) && stem.length > 2 && characterPairs(stem).every((pair) => terms.has(pair));
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
