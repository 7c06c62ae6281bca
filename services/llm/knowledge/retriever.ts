import { answerKindFit } from "./answer-kind.ts";
import { coverOf, summariseCover } from "./coverage.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";
import { createLexicalIndex, type LexicalHit } from "./lexical-index.ts";
import type { Passage } from "./passage.ts";
import { contentWordsOf, stemOf, wordsOf } from "./terms.ts";
import { createWordLikeness, dot } from "./word-likeness.ts";

/** A passage with the evidence that it answers the question. All values 0..1. */
export interface Evidence {
  readonly passage: Passage;
  /** Likeness in meaning of the whole question and the sentence under its title. */
  readonly semantic: number;
  /** Share of what the question asks about that the passage speaks of, by weight of the words. */
  readonly coverage: number;
  /** BM25, relative to the best passage for this question. */
  readonly lexical: number;
  /** How well the least covered word of the question is covered. */
  readonly weakest: number;
  /** Whether the sentence looks like what the question word asks for (a place for "where"). */
  readonly kind: number;
  /** 1 for the opening sentence of a document whose title is what is asked about, word for word. */
  readonly lead: number;
  /** 1 for the opening sentence, less for each that follows: between equals, documents put the usual case first. */
  readonly early: number;
  /** The fused score that ranks and that the threshold is set on. */
  readonly score: number;
}

export interface Retriever {
  /** Best first, at most `limit`. */
  retrieve(question: string, limit: number, options: EmbedOptions): Promise<Evidence[]>;
}

/** Weights of the fused score; calibrated on the tuning half of models/knowledge/demo/evaluation.json. */
const weights = { semantic: 0.22, coverage: 0.27, lexical: 0.04, weakest: 0.37, kind: 0.04, lead: 0.06, early: 0.02 } as const;

/** A passage with less evidence does not answer the question. */
export const answerThreshold = 0.41;

const candidates = 40;
const questionWordLimit = 24;

/** Hybrid retrieval over sentences: BM25 and sentence embeddings find candidates, a weighted sum of evidence ranks them. */
export async function createRetriever(passages: readonly Passage[], embedder: Embedder, options: EmbedOptions): Promise<Retriever> {
  const index = createLexicalIndex(passages);
  const sentences = passages.map((passage) => `${passage.document.title}: ${passage.text}`);
  const vectors = await embedder.embedKept(sentences, options);
  const likeness = await createWordLikeness(passages, embedder, options);

  function semanticScores(question: Float32Array): Float32Array {
    return Float32Array.from(vectors, (vector) => Math.max(0, dot(question, vector)));
  }

  /** Joins "wi fi" to the known word "wifi". */
  function joinCompounds(words: readonly string[]): string[] {
    const joined: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const pair = `${words[at]}${words[at + 1] ?? ""}`;
      const compound = at + 1 < words.length && index.has(stemOf(pair));
      joined.push(compound ? pair : (words[at] as string));
      if (compound) at++;
    }
    return joined;
  }

  return {
    async retrieve(question, limit, retrieveOptions) {
      if (passages.length === 0 || wordsOf(question).length === 0) return [];
      const words = [...new Set(joinCompounds(contentWordsOf(question)))].slice(0, questionWordLimit);
      const hits = index.search(words.map(stemOf));
      const [vector] = (await embedder.embed([question], retrieveOptions)) as [Float32Array];
      const semantic = semanticScores(vector);
      const nearest = await likeness.nearest(words, retrieveOptions);
      const bestBm25 = Math.max(1e-9, ...[...hits.values()].map((hit) => hit.bm25));

      const evidence = shortlist(passages, semantic, hits).map((passage): Evidence => {
        const hit = hits.get(passage.index);
        const alike = semantic[passage.index] as number;
        const covers = words.map((word) => ({ cover: coverOf(word, passage, hit, nearest), weight: index.weight(stemOf(word)) }));
        const parts = {
          semantic: alike,
          ...summariseCover(covers, alike),
          lexical: (hit?.bm25 ?? 0) / bestBm25,
          kind: answerKindFit(question, passage.text),
          early: 1 / (1 + passage.place),
          lead: passage.place === 0 && sameTerms(words.map(stemOf), passage.titleTerms) ? 1 : 0,
        };
        return { passage, ...parts, score: fuse(parts) };
      });
      return evidence.sort((left, right) => right.score - left.score).slice(0, limit);
    },
  };
}

/** The weighted sum of the evidence. */
export function fuse(parts: Omit<Evidence, "passage" | "score">): number {
  return (Object.keys(weights) as (keyof typeof weights)[]).reduce((sum, name) => sum + weights[name] * parts[name], 0);
}

function shortlist(passages: readonly Passage[], semantic: Float32Array, hits: ReadonlyMap<number, LexicalHit>): Passage[] {
  const bySense = [...semantic.keys()].sort((left, right) => (semantic[right] as number) - (semantic[left] as number)).slice(0, candidates);
  const byWords = [...hits.entries()].sort(([, left], [, right]) => right.bm25 - left.bm25).slice(0, candidates);
  return [...new Set([...bySense, ...byWords.map(([index]) => index)])].map((index) => passages[index] as Passage);
}

function sameTerms(stems: readonly string[], titleTerms: ReadonlySet<string>): boolean {
  return stems.length > 0 && new Set(stems).size === titleTerms.size && stems.every((stem) => titleTerms.has(stem));
}
