import { splitClauses } from "../clauses/index.ts";
import type { Evidence } from "../knowledge/index.ts";
import type { Citation, ReplyClause } from "./backend.ts";

/** A sentence to say and where it is from. */
export interface CitedSentence {
  readonly text: string;
  readonly language: string;
  readonly citations: readonly Citation[];
}

/** Speech of about a quarter of a minute. */
const longestAnswerWords = 40;
/** A second sentence must be about as well supported as the first. */
const secondShare = 0.9;

/**
 * The sentence with the most evidence, and a neighbour of the same paragraph with about as much, in their written order.
 * @param evidence best first, not empty
 */
export function selectSentences(evidence: readonly Evidence[]): CitedSentence[] {
  const [best, ...others] = evidence as [Evidence, ...Evidence[]];
  const room = longestAnswerWords - wordCount(best.passage.text);
  const second = others.find(({ passage, score }) => {
    const neighbour = passage.document === best.passage.document && passage.paragraph === best.passage.paragraph;
    return (
      neighbour &&
      Math.abs(passage.index - best.passage.index) === 1 &&
      score >= secondShare * best.score &&
      wordCount(passage.text) <= room
    );
  });
  return [best, ...(second ? [second] : [])]
    .map(({ passage }) => passage)
    .sort((left, right) => left.index - right.index)
    .map(({ document, text }) => ({
      text,
      language: document.language,
      citations: [{ document: document.id, title: document.title, quote: text }],
    }));
}

/** Sentences as clauses to be spoken, the first one short where it can be. */
export function answerClauses(sentences: readonly CitedSentence[], abstained: boolean): ReplyClause[] {
  return sentences.flatMap(({ text, language, citations }, index) => {
    const clauses = splitClauses(text, index === 0 ? {} : { firstCommaChars: 120 });
    return clauses.map((clause) => ({ text: clause, language, citations, abstained }));
  });
}

function wordCount(text: string): number {
  return text.split(/\s+/u).length;
}
