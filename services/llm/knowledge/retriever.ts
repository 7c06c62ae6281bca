import { answerKindFit } from "./answer-kind.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";
import { createLexicalIndex, type LexicalHit } from "./lexical-index.ts";
import type { Passage } from "./passage.ts";
import { createWordLikeness, dot } from "./word-likeness.ts";
import { contentWordsOf, stemOf } from "./terms.ts";

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
  /** 1 for the opening sentence of a document whose title is all that is asked about. */
  readonly lead: number;
  /** The fused score that ranks and that the threshold is set on. */
  readonly score: number;
}

export interface Retriever {
  /** Best first, at most `limit`. */
  retrieve(question: string, limit: number, options: EmbedOptions): Promise<Evidence[]>;
}

/** Weights of the fused score; calibrated on the tuning half of models/knowledge/demo/evaluation.json. */
const weights = { semantic: 0.5, coverage: 0.35, lexical: 0.05, weakest: 0.1, kind: 0.05, lead: 0.1 } as const;

/** Word likeness below `from` counts as nothing, above `to` as the same word. */
const likenessRange = { from: 0.45, to: 0.85 } as const;
const fuzzyMatch = 0.9;
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

  function isLead(passage: Passage): boolean {
    return passages[passage.index - 1]?.document !== passage.document;
  }

  return {
    async retrieve(question, limit, retrieveOptions) {
      if (passages.length === 0) return [];
      const words = [...new Set(joinCompounds(contentWordsOf(question)))].slice(0, questionWordLimit);
      const hits = index.search(words.map(stemOf));
      const [vector] = (await embedder.embed([question], retrieveOptions)) as [Float32Array];
      const semantic = semanticScores(vector);
      const nearest = await likeness.nearest(words, retrieveOptions);
      const bestBm25 = Math.max(1e-9, ...[...hits.values()].map((hit) => hit.bm25));

      const evidence = shortlist(passages, semantic, hits).map((passage): Evidence => {
        const hit = hits.get(passage.index);
        const cover = words.map((word) => coverageOf(word, passage, hit, nearest));
        const weight = words.map((word) => index.weight(stemOf(word)));
        const total = weight.reduce((sum, value) => sum + value, 0);
        const covered = cover.reduce((sum, value, at) => sum + value * (weight[at] as number), 0);
        const parts = {
          semantic: semantic[passage.index] as number,
          coverage: total > 0 ? covered / total : 0,
          lexical: (hit?.bm25 ?? 0) / bestBm25,
          weakest: cover.reduce((least, value, at) => Math.min(least, 1 - (1 - value) * (weight[at] as number)), 1),
          kind: answerKindFit(question, passage.text),
          lead: isLead(passage) && words.length > 0 && words.every((word) => passage.titleTerms.has(stemOf(word))) ? 1 : 0,
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

function coverageOf(
  word: string,
  passage: Passage,
  hit: LexicalHit | undefined,
  nearest: (word: string, passage: Passage) => number,
): number {
  const stem = stemOf(word);
  if (passage.terms.has(stem) || passage.titleTerms.has(stem)) return 1;
  const { from, to } = likenessRange;
  const alike = Math.min(1, Math.max(0, (nearest(word, passage) - from) / (to - from)));
  return Math.max(alike, hit?.matched.has(stem) ? fuzzyMatch : 0);
}
