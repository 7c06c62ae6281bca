import { indexTermsOf, languageOf, type Passage, primaryLanguage } from "@troupe/llm/backends";
import MiniSearch from "minisearch";
import { holdsOne, type ScoredQuestion } from "./questions.ts";

/** Answers with a passage, or declines. */
export type Baseline = (question: ScoredQuestion) => Passage | undefined;

/** The best hit of BM25 over the words of each passage and its questions, in the language of the question; never declines by itself. */
export function bm25Baseline(passages: readonly Passage[]): (question: ScoredQuestion) => { passage: Passage; score: number } | undefined {
  const options = { fields: ["text"], tokenize: indexTermsOf, processTerm: (term: string) => term };
  const indexes = new Map<string, MiniSearch>();
  for (const [language, own] of Map.groupBy(passages, ({ source }) => primaryLanguage(source.language))) {
    const index = new MiniSearch(options);
    index.addAll(own.map((passage) => ({ id: passage.index, text: [...passage.questions, passage.source.title, passage.text].join(" ") })));
    indexes.set(language, index);
  }
  return ({ question, language }) => {
    const [hit] = indexes.get(languageOf(question, language))?.search(question) ?? [];
    const passage = hit && passages.find(({ index }) => index === hit.id);
    return hit && passage ? { passage, score: hit.score } : undefined;
  };
}

/** Knows a question only as it is written. */
export function exactBaseline(passages: readonly Passage[]): Baseline {
  const known = new Map(passages.flatMap((passage) => passage.questions.map((question) => [plain(question), passage] as const)));
  return ({ question }) => known.get(plain(question));
}

export function answersRightly(passage: Passage | undefined, { answers }: ScoredQuestion): boolean {
  if (answers.length === 0) return passage === undefined;
  return passage !== undefined && answers.some(({ id, contains }) => id === passage.source.id && holdsOne(passage.text, contains));
}

function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{P}\s]+/gu, "");
}
