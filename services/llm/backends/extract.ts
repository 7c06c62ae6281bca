import { splitClauses } from "../clauses/index.ts";
import { type Evidence, type Passage, wordsOf } from "../knowledge/index.ts";
import type { Citation, ReplyClause, SpokenDelivery } from "./backend.ts";

/** A sentence to say and where it is from. */
export interface CitedSentence {
  readonly text: string;
  readonly language: string;
  readonly citations: readonly Citation[];
  readonly delivery?: SpokenDelivery | undefined;
}

type FoundSentence = Pick<Evidence, "passage" | "share"> & { readonly parts?: Evidence["parts"] };

/** Speech of about a quarter of a minute. */
const longestAnswerWords = 40;
/** How likely a neighbour must be the answer too, against the best sentence. */
const secondShare = 0.35;

/**
 * The answer, or the best sentence and, where there is room, a neighbour of its paragraph that is likely too, in their written order.
 * @param evidence best first, not empty
 */
export function selectSentences(evidence: readonly FoundSentence[]): CitedSentence[] {
  const [best, ...others] = evidence as [FoundSentence, ...FoundSentence[]];
  const room = longestAnswerWords - wordsOf(best.passage.text).length;
  const second = others.find(
    // Who asked for Sunday needn't hear of Monday.
    ({ passage, share, parts }) =>
      neighbours(passage, best.passage) &&
      (parts?.numbers ?? 1) >= (best.parts?.numbers ?? 1) &&
      share >= secondShare * best.share &&
      wordsOf(passage.text).length <= room,
  );
  return [best, ...(second ? [second] : [])]
    .map(({ passage }) => passage)
    .sort((left, right) => left.index - right.index)
    .map(({ source, text }) => ({
      text,
      language: source.language,
      citations: [{ document: source.id, title: source.title, quote: text }],
    }));
}

function neighbours(left: Passage, right: Passage): boolean {
  return left.source.id === right.source.id && left.paragraph === right.paragraph && Math.abs(left.place - right.place) === 1;
}

/** Sentences as clauses to be spoken, the first one short where it can be. */
export function answerClauses(sentences: readonly CitedSentence[], abstained: boolean): ReplyClause[] {
  return sentences.flatMap(({ text, language, citations, delivery }, index) => {
    const clauses = splitClauses(text, index === 0 ? {} : { firstCommaChars: 120 });
    return clauses.map((clause) => ({ text: clause, language, citations, abstained, ...(delivery && { delivery }) }));
  });
}
