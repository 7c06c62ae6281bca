import weights from "./evidence-weights.json" with { type: "json" };

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

interface Weights<Part extends string> {
  readonly bias: number;
  readonly parts: Readonly<Record<Part, number>>;
}

const unitWeights: Readonly<Record<UnitKind, Weights<keyof UnitParts>>> = weights.unit;
const sentenceWeights: Weights<keyof SentenceParts> = weights.sentence;

/** A unit with less does not answer the question: the operating point of scores/llm. */
export const answerThreshold = weights.threshold;

/**
 * How likely the unit answers the question, 0..1: logistic regression, fitted by `node scores/llm/training/fit.ts` on questions
 * written for training only.
 */
export function unitProbability(parts: UnitParts, kind: UnitKind): number {
  return logistic(parts, unitWeights[kind]);
}

/** How likely the sentence is the one of its paragraph that answers, 0..1. */
export function sentenceProbability(parts: SentenceParts): number {
  return logistic(parts, sentenceWeights);
}

function logistic<Part extends string>(parts: Readonly<Record<Part, number>>, { bias, parts: factors }: Weights<Part>): number {
  const names = Object.keys(factors) as Part[];
  return 1 / (1 + Math.exp(-names.reduce((sum, name) => sum + factors[name] * parts[name], bias)));
}
