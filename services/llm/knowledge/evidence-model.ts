import weights from "./evidence-weights.json" with { type: "json" };

/** What speaks for a passage as the answer to a question. Values of about 0..1 unless said otherwise. */
export interface EvidenceParts {
  /** Likeness in meaning of the question and the passage under its title. */
  readonly semantic: number;
  /** The same, in standard deviations above all passages of the language, by four. */
  readonly standing: number;
  /** Likeness of the question to the nearest question that the passage answers; to the title for a sentence of a document. */
  readonly asked: number;
  /** Its standing among all passages. */
  readonly askedStanding: number;
  /** Share of what the question asks about that the passage speaks of, by weight of the words. */
  readonly coverage: number;
  /** How well the least covered word of the question is covered. */
  readonly weakest: number;
  /** Mean likeness of the question's tokens to the passage's, in context. */
  readonly tokens: number;
  /** The least of them, over the words that carry meaning. */
  readonly weakestToken: number;
  /** Mean likeness of the tokens of the question that the passage answers to those of the question; 0 for a sentence. */
  readonly answered: number;
  /** BM25, relative to the best passage for this question. */
  readonly lexical: number;
  /** 1 when every number and day of the question is in the passage, or it has none. */
  readonly numbers: number;
  /** Whether the sentence looks like what the question word asks for (a place for "where"). */
  readonly kind: number;
  /** 1 for the opening sentence of a document whose title is what is asked about, word for word. */
  readonly lead: number;
  /** 1 for the opening sentence, less for each that follows: between equals, documents put the usual case first. */
  readonly early: number;
}

export type PassageKind = "answer" | "sentence";

interface Weights {
  readonly bias: number;
  readonly parts: Readonly<Partial<Record<keyof EvidenceParts, number>>>;
}

const byKind: Readonly<Record<PassageKind, Weights>> = weights.byKind;

/** Evidence from here on answers the question: the operating point of scores/llm. */
export const answerThreshold = weights.threshold;

/**
 * How likely the passage answers the question, 0..1: logistic regression, fitted by `node scores/llm/training/fit.ts` on questions
 * written for training only.
 */
export function probability(parts: EvidenceParts, kind: PassageKind): number {
  const { bias, parts: factors } = byKind[kind];
  let sum = bias;
  for (const [name, factor] of Object.entries(factors)) sum += factor * parts[name as keyof EvidenceParts];
  return 1 / (1 + Math.exp(-sum));
}
