import {
  answerClauses,
  indexTermsOf,
  languageOf,
  type Passage,
  primaryLanguage,
  type ReplyClause,
  selectSentences,
} from "@troupe/llm/backends";
import MiniSearch from "minisearch";
import type { ScoredQuestion } from "./questions.ts";

/** What is said, and the score of its best hit; never declines by itself unless nothing is found. */
export type Baseline = (question: ScoredQuestion) => { readonly clauses: readonly ReplyClause[]; readonly score: number } | undefined;

/**
 * BM25 over the words of each passage, its title and its questions, in the language of the question. It reads the whole conversation, and
 * says the best hit with a neighbour by the rule of the backend, by their scores.
 */
export function bm25Baseline(passages: readonly Passage[]): Baseline {
  const options = { fields: ["text"], tokenize: indexTermsOf, processTerm: (term: string) => term };
  const byIndex = new Map(passages.map((passage) => [passage.index, passage]));
  const indexes = new Map<string, MiniSearch>();
  for (const [language, own] of Map.groupBy(passages, ({ source }) => primaryLanguage(source.language))) {
    const index = new MiniSearch(options);
    index.addAll(own.map((passage) => ({ id: passage.index, text: [...passage.questions, passage.source.title, passage.text].join(" ") })));
    indexes.set(language, index);
  }
  return ({ before, question, language }) => {
    const hits = indexes.get(languageOf(question, language))?.search([...before, question].join(" ")) ?? [];
    const found = hits.map(({ id, score }) => ({ passage: byIndex.get(id) as Passage, share: score }));
    const [best] = found;
    return best && { clauses: answerClauses(selectSentences(found), false), score: best.share };
  };
}
