import type { Embedder, EmbedOptions } from "./embedder.ts";
import type { SentenceParts, UnitKind, UnitParts } from "./evidence-model.ts";
import { primaryLanguage } from "./language.ts";
import { createLanguageIndex, type LanguageIndex } from "./language-index.ts";
import type { Passage } from "./passage.ts";
import type { TokenEncoders } from "./token-likeness.ts";

/** A passage with what speaks for it as the answer. */
export interface Evidence {
  readonly passage: Passage;
  /** Of the paragraph, or the question with its answer, that the passage is in. */
  readonly unit: { readonly kind: UnitKind; readonly parts: UnitParts };
  readonly parts: SentenceParts;
  /** How likely the unit answers the question, 0..1; what the threshold is set on. */
  readonly score: number;
  /** How likely it is this sentence of the unit, 0..1. */
  readonly share: number;
}

export interface Retriever {
  /** BCP-47 primary subtags of the passages. */
  readonly languages: readonly string[];
  /**
   * The passages of at most `limit` units, best unit first, best sentence of a unit first. In the question's language only: what is
   * said is what is written.
   * @param language BCP-47, of the question
   */
  retrieve(question: string, language: string, limit: number, options: EmbedOptions): Promise<Evidence[]>;
}

/** Hybrid retrieval, each language for itself: BM25 and sentence embeddings find candidates, evidence of many kinds ranks them. */
export async function createRetriever(
  passages: readonly Passage[],
  embedder: Embedder,
  encoders: TokenEncoders,
  options: EmbedOptions,
): Promise<Retriever> {
  const byLanguage = Map.groupBy(passages, ({ source }) => primaryLanguage(source.language));
  const indexes = new Map<string, LanguageIndex>();
  for (const [language, own] of byLanguage) {
    indexes.set(language, await createLanguageIndex(own, embedder, await encoders.of(language, options), options));
  }
  return {
    languages: [...indexes.keys()],
    async retrieve(question, language, limit, retrieveOptions) {
      return (await indexes.get(primaryLanguage(language))?.retrieve(question, limit, retrieveOptions)) ?? [];
    },
  };
}
