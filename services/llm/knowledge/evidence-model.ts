import trees from "./evidence-trees.json" with { type: "json" };

/** What speaks for a paragraph, or a question with its answer. Values of about 0..1 unless said otherwise. */
export interface UnitParts {
  /** Likeness in meaning of the question and the unit under its title. */
  readonly semantic: number;
  /** The same, in standard deviations above all units of the language, by four. */
  readonly standing: number;
  /** Likeness of the question and the nearest sentence. */
  readonly sentence: number;
  readonly sentenceStanding: number;
  /** Likeness of the question to the nearest question that the unit answers; to the title for a paragraph. */
  readonly asked: number;
  readonly askedStanding: number;
  /** Share of what the question asks about that the unit speaks of, by weight of the words. */
  readonly coverage: number;
  /** How well the least covered word of the question is covered. */
  readonly weakest: number;
  /** Mean likeness of the question's tokens to the unit's, in context. */
  readonly tokens: number;
  /** The least of them, over the words that carry meaning. */
  readonly weakestToken: number;
  /** Mean likeness of the tokens of the question that the unit answers to those of the question; 0 for a paragraph. */
  readonly answered: number;
  /** BM25, relative to the best unit for this question. */
  readonly lexical: number;
  /** BM25 by the weight of the question's words: how much of the question words alone explain. */
  readonly bm25: number;
  /** 1 when every number and day of the question is in the unit, or it has none. */
  readonly numbers: number;
  /** 1 for a question with its answer, 0 for a paragraph. */
  readonly isAnswer: number;
  /** The best of its sentences, each by itself; see SentenceParts. */
  readonly bestCoverage: number;
  readonly bestTokens: number;
  readonly bestKind: number;
  /** What it is ahead of the units of other sources. */
  readonly aheadSemantic: number;
  readonly aheadSentence: number;
  readonly aheadAsked: number;
  readonly aheadCoverage: number;
  readonly aheadTokens: number;
  readonly aheadLexical: number;
}

/** What speaks for one sentence of a paragraph against the others. */
export interface SentenceParts {
  /** Likeness in meaning of the question and the sentence after the one before it. */
  readonly semantic: number;
  /** The same, less that of the paragraph's nearest sentence. */
  readonly behind: number;
  readonly coverage: number;
  /** Mean likeness of the question's tokens to the sentence's, in the context of the paragraph. */
  readonly tokens: number;
  readonly numbers: number;
  /** Whether the sentence looks like what the question word asks for (a place for "where"). */
  readonly kind: number;
  /** 1 for the opening sentence, less for each that follows. */
  readonly early: number;
}

export type UnitKind = "answer" | "paragraph";

/** A unit with less does not answer the question: the operating point of scores/llm. */
export const answerThreshold = trees.threshold;

/**
 * How likely the unit answers the question, 0..1: gradient-boosted trees (Friedman 2001), fitted by scores/llm/training/fit.py on
 * questions written for training only.
 */
export function unitProbability(parts: UnitParts): number {
  const values = trees.parts.map((name) => parts[name as keyof UnitParts]);
  const sum = trees.trees.reduce((total, tree) => total + leafOf(tree as unknown as Tree, values), trees.bias);
  return 1 / (1 + Math.exp(-sum));
}

/** Nodes of [part, threshold, left, right]; a leaf is [-1, value, 0, 0]. At most the threshold goes left. */
type Tree = readonly (readonly [part: number, threshold: number, left: number, right: number])[];

function leafOf(tree: Tree, values: readonly number[]): number {
  let [part, threshold, left, right] = tree[0] as Tree[number];
  while (part >= 0) [part, threshold, left, right] = tree[(values[part] as number) <= threshold ? left : right] as Tree[number];
  return threshold;
}

/** How likely the sentence is the one of its unit that answers, 0..1: logistic regression, fitted there too. */
export function sentenceProbability(parts: SentenceParts): number {
  const { bias, weights } = trees.sentence;
  const sum = Object.entries(weights).reduce((total, [name, weight]) => total + weight * parts[name as keyof SentenceParts], bias);
  return 1 / (1 + Math.exp(-sum));
}
