import { answerKindFit } from "./answer-kind.ts";
import { coverOf, type SearchTerms, summariseCover } from "./coverage.ts";
import type { SentenceParts, UnitParts } from "./evidence-model.ts";
import type { LexicalHit } from "./lexical-index.ts";
import type { Likeness } from "./likeness-index.ts";
import type { Passage } from "./passage.ts";
import type { RetrievalUnit } from "./retrieval-unit.ts";
import { isExact, type PlacedWord, stemOf } from "./terms.ts";
import { nearestTokens, type TokenMatrix, wordLikeness } from "./token-likeness.ts";

/** A question as it is compared. */
export interface AskedQuestion {
  /** Folded. */
  readonly text: string;
  /** Those that carry meaning. */
  readonly words: readonly PlacedWord[];
  readonly stems: readonly string[];
  readonly tokens: TokenMatrix;
  /** How much a word says, 0..1. */
  readonly weight: (word: string) => number;
}

/** A unit that may answer it. */
export interface Candidate {
  readonly unit: RetrievalUnit;
  readonly likeness: Likeness;
  readonly hit: LexicalHit | undefined;
  /** BM25 relative to the best. */
  readonly relative: number;
  /** Tokens of unit.text. */
  readonly told: TokenMatrix;
  /** Tokens of the nearest question that the unit answers. */
  readonly answered: TokenMatrix | undefined;
}

/** What a unit shows by itself, without looking at the others. */
export type OwnParts = Omit<UnitParts, `ahead${string}`>;

export function ownPartsOf(question: AskedQuestion, candidate: Candidate, sentences: readonly SentenceParts[]): OwnParts {
  const { unit, likeness, hit, relative, told, answered } = candidate;
  const { semantic, standing, sentence, sentenceStanding, asked, askedStanding } = likeness;
  const { coverage, weakest, tokens, weakestToken } = comparedBy(question, {
    terms: unit,
    hit,
    nearest: nearestTokens(question.tokens, told),
  });
  const weight = question.words.reduce((sum, { word }) => sum + question.weight(word), 0);
  return {
    ...{ semantic, standing, sentence, sentenceStanding, asked, askedStanding, coverage, weakest, tokens, weakestToken },
    answered: answered ? meanOf(nearestTokens(answered, question.tokens), answered) : 0,
    lexical: relative,
    bm25: (hit?.bm25 ?? 0) / 20 / Math.max(1, weight),
    numbers: holdsNumbers(question, unit),
    isAnswer: unit.questions.length > 0 ? 1 : 0,
    bestCoverage: Math.max(...sentences.map((sentence) => sentence.coverage)),
    bestTokens: Math.max(...sentences.map((sentence) => sentence.tokens)),
    bestKind: Math.max(...sentences.map(({ kind }) => kind)),
  };
}

/** How far ahead of the others the unit is. */
export function aheadParts(own: OwnParts, others: readonly OwnParts[]): UnitParts {
  const ahead = (name: keyof OwnParts) => own[name] - Math.max(0, ...others.map((other) => other[name]));
  return {
    ...own,
    aheadSemantic: ahead("semantic"),
    aheadSentence: ahead("sentence"),
    aheadAsked: ahead("asked"),
    aheadCoverage: ahead("coverage"),
    aheadTokens: ahead("tokens"),
    aheadLexical: ahead("lexical"),
  };
}

/** @param at place of the sentence within the unit */
export function sentencePartsOf(question: AskedQuestion, { unit, likeness, hit, told }: Candidate, at: number): SentenceParts {
  const passage = unit.passages[at] as Passage;
  const own = likeness.sentences[at] as number;
  const { coverage, tokens } = comparedBy(question, { terms: passage, hit, nearest: nearestTokens(question.tokens, told, unit.spans[at]) });
  return {
    semantic: own,
    behind: own - likeness.sentence,
    coverage,
    tokens,
    numbers: holdsNumbers(question, passage),
    kind: answerKindFit(question.text, passage.text),
    early: 1 / (1 + at),
  };
}

interface Comparison {
  readonly terms: SearchTerms;
  readonly hit: LexicalHit | undefined;
  /** Of each token of the question. */
  readonly nearest: Float32Array;
}

function comparedBy({ words, tokens, weight }: AskedQuestion, { terms, hit, nearest }: Comparison) {
  const mean = meanOf(nearest, tokens);
  const likenesses = words.map(({ start, end }) => wordLikeness(tokens, nearest, start, end));
  const covers = words.map(({ word }, index) => ({ cover: coverOf(word, terms, hit, likenesses[index] as number), weight: weight(word) }));
  return { ...summariseCover(covers, mean), tokens: mean, weakestToken: likenesses.length === 0 ? mean : Math.min(...likenesses) };
}

function holdsNumbers({ stems }: AskedQuestion, { terms, askedTerms }: SearchTerms): number {
  return stems.filter(isExact).every((stem) => terms.has(stem) || askedTerms.has(stemOf(stem))) ? 1 : 0;
}

/** Over the tokens with a place. */
function meanOf(values: Float32Array, { starts, ends }: TokenMatrix): number {
  let sum = 0;
  let count = 0;
  values.forEach((value, token) => {
    if (starts[token] === ends[token]) return;
    sum += value;
    count++;
  });
  return sum / Math.max(1, count);
}
