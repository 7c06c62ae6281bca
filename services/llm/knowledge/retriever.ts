import type { Embedder, EmbedOptions } from "./embedder.ts";
import type { EvidenceParts } from "./evidence-model.ts";
import { primaryLanguage } from "./language.ts";
import { createLanguageIndex, type LanguageIndex } from "./language-index.ts";
import type { Passage } from "./passage.ts";

/** A passage with what speaks for it as the answer. */
export interface Evidence {
  readonly passage: Passage;
  readonly parts: EvidenceParts;
  /** How likely it answers the question, 0..1; what ranks and what the threshold is set on. */
  readonly score: number;
}

export interface Retriever {
  /** BCP-47 primary subtags of the passages. */
  readonly languages: readonly string[];
  /**
   * Best first, at most `limit`, passages of the question's language only: what is said is what is written.
   * @param language BCP-47, of the question
   */
  retrieve(question: string, language: string, limit: number, options: EmbedOptions): Promise<Evidence[]>;
}

/** Hybrid retrieval, each language for itself: BM25 and sentence embeddings find candidates, evidence of many kinds ranks them. */
export async function createRetriever(passages: readonly Passage[], embedder: Embedder, options: EmbedOptions): Promise<Retriever> {
  const byLanguage = Map.groupBy(passages, ({ source }) => primaryLanguage(source.language));
  const indexes = new Map<string, LanguageIndex>();
  for (const [language, own] of byLanguage) indexes.set(language, await createLanguageIndex(language, own, embedder, options));
  return {
    languages: [...indexes.keys()],
    async retrieve(question, language, limit, retrieveOptions) {
      return (await indexes.get(primaryLanguage(language))?.retrieve(question, limit, retrieveOptions)) ?? [];
    },
  };
}
