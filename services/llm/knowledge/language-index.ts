import { answerKindFit } from "./answer-kind.ts";
import { coverOf, summariseCover } from "./coverage.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";
import { type EvidenceParts, probability } from "./evidence-model.ts";
import { foldText } from "./folding.ts";
import { createLexicalIndex, type LexicalHit, type LexicalIndex } from "./lexical-index.ts";
import type { Passage } from "./passage.ts";
import { createLikenessIndex, type Likeness } from "./likeness-index.ts";
import type { Evidence } from "./retriever.ts";
import { contentWordsOf, indexTermsOf, isExact, placedContentWords, stemOf, wordsOf } from "./terms.ts";
import { createTokenEncoder, nearestTokens, type TokenMatrix, wordLikeness } from "./token-likeness.ts";

/** The passages of one language. */
export interface LanguageIndex {
  retrieve(question: string, limit: number, options: EmbedOptions): Promise<Evidence[]>;
}

/** Candidates whose tokens are compared: about 10 ms each for a passage that was not asked about lately. */
const compared = 8;
const questionWordLimit = 24;

/** @param passages not empty */
export async function createLanguageIndex(
  language: string,
  passages: readonly Passage[],
  embedder: Embedder,
  options: EmbedOptions,
): Promise<LanguageIndex> {
  const lexical = createLexicalIndex(passages);
  const likenessOf = await createLikenessIndex(passages, embedder, options);
  const encoder = await createTokenEncoder(language, embedder, options);

  return {
    async retrieve(question, limit, retrieveOptions) {
      const folded = foldText(question);
      if (wordsOf(folded).length === 0) return [];
      const terms = joinCompounds(indexTermsOf(folded), lexical);
      const hits = lexical.search(terms);
      const bestBm25 = Math.max(1e-9, ...[...hits.values()].map((hit) => hit.bm25));
      const [asked] = (await encoder.encode([folded], "question", retrieveOptions)) as [{ matrix: TokenMatrix; vector: Float32Array }];
      const likeness = likenessOf(asked.vector);
      const candidates = passages
        .map((passage, at) => ({ passage, likeness: likeness[at] as Likeness, hit: hits.get(passage.index) }))
        .map((candidate) => ({ ...candidate, rank: firstRank(candidate.likeness, (candidate.hit?.bm25 ?? 0) / bestBm25) }))
        .sort((left, right) => right.rank - left.rank)
        .slice(0, compared);
      const told = await encoder.encodeKept(candidates.map(({ passage }) => toldText(passage)), "passage", retrieveOptions);
      const questions = candidates.map(({ passage, likeness: { nearestQuestion } }) => foldText(passage.questions[nearestQuestion] ?? ""));
      const answered = await encoder.encodeKept(questions, "question", retrieveOptions);
      const query: Query = { text: folded, tokens: asked.matrix, lexical, stems: terms };
      const evidence = candidates.map(({ passage, likeness: alike, hit }, at): Evidence => {
        const relative = (hit?.bm25 ?? 0) / bestBm25;
        const parts = partsOf(query, { passage, alike, hit, relative, told: told[at] as TokenMatrix, answered: answered[at] as TokenMatrix });
        return { passage, parts, score: probability(parts, passage.questions.length > 0 ? "answer" : "sentence") };
      });
      return evidence.sort((left, right) => right.score - left.score).slice(0, limit);
    },
  };
}

/** What decides which candidates are looked at closely. */
function firstRank({ standing, askedStanding, asked }: Likeness, bm25: number): number {
  return standing + Math.max(askedStanding, 0) + 0.5 * asked + bm25;
}

/** What a passage speaks of, in one text. */
function toldText({ source, questions, text }: Passage): string {
  return foldText([...(questions.length > 0 ? questions : [`${source.title}:`]), text].join(" "));
}

interface Query {
  /** Folded. */
  readonly text: string;
  readonly tokens: TokenMatrix;
  readonly lexical: LexicalIndex;
  readonly stems: readonly string[];
}

interface Candidate {
  readonly passage: Passage;
  readonly alike: Likeness;
  readonly hit: LexicalHit | undefined;
  /** BM25 relative to the best. */
  readonly relative: number;
  readonly told: TokenMatrix;
  readonly answered: TokenMatrix;
}

function partsOf({ text, tokens, lexical, stems }: Query, candidate: Candidate): EvidenceParts {
  const { passage, alike, hit, relative, told, answered } = candidate;
  const nearest = nearestTokens(tokens, told);
  const words = placedContentWords(text).slice(0, questionWordLimit);
  const likenesses = words.map(({ start, end }) => wordLikeness(tokens, nearest, start, end));
  const covers = words.map(({ word }, index) => ({
    cover: coverOf(word, passage, hit, likenesses[index] as number),
    weight: lexical.weight(stemOf(word)),
  }));
  const exact = stems.filter(isExact);
  return {
    ...likenessParts(alike),
    ...summariseCover(covers, Math.max(0, alike.semantic)),
    tokens: meanOf(nearest, tokens),
    weakestToken: likenesses.length === 0 ? meanOf(nearest, tokens) : Math.min(...likenesses),
    answered: passage.questions.length === 0 ? 0 : meanOf(nearestTokens(answered, tokens), answered),
    lexical: relative,
    numbers: exact.every((stem) => passage.terms.has(stem) || passage.askedTerms.has(stem)) ? 1 : 0,
    kind: answerKindFit(text, passage.text),
    lead: passage.place === 0 && passage.questions.length === 0 && sameTerms(contentWordsOf(text).map(stemOf), passage.titleTerms) ? 1 : 0,
    early: 1 / (1 + passage.place),
  };
}

function likenessParts({ semantic, standing, asked, askedStanding }: Likeness) {
  return { semantic, standing, asked, askedStanding };
}

/** Over the tokens with a place. */
function meanOf(values: Float32Array, { starts, ends }: TokenMatrix): number {
  const placed = [...values].filter((_, token) => starts[token] !== ends[token]);
  return placed.reduce((sum, value) => sum + value, 0) / Math.max(1, placed.length);
}

/** Joins "wi fi" to the known word "wifi". */
function joinCompounds(terms: readonly string[], lexical: LexicalIndex): string[] {
  const joined: string[] = [];
  for (let at = 0; at < terms.length; at++) {
    const pair = stemOf(`${terms[at]}${terms[at + 1] ?? ""}`);
    const compound = at + 1 < terms.length && /^[a-z]+$/u.test(pair) && lexical.has(pair);
    joined.push(compound ? pair : (terms[at] as string));
    if (compound) at++;
  }
  return [...new Set(joined)];
}

function sameTerms(stems: readonly string[], titleTerms: ReadonlySet<string>): boolean {
  return stems.length > 0 && new Set(stems).size === titleTerms.size && stems.every((stem) => titleTerms.has(stem));
}
