import { foldText } from "./folding.ts";
import type { Passage, Source } from "./passage.ts";

/** What is found as a whole: a paragraph of a document, or a question with its answer. */
export interface RetrievalUnit {
  readonly source: Source;
  /** In their written order; one for an answer. */
  readonly passages: readonly Passage[];
  /** What it answers, folded; empty for a paragraph. */
  readonly questions: readonly string[];
  /** All it speaks of, folded: title or questions, then the sentences. */
  readonly text: string;
  /** Where each passage stands in the text, UTF-16 units. */
  readonly spans: readonly (readonly [start: number, end: number])[];
  readonly terms: ReadonlySet<string>;
  readonly titleTerms: ReadonlySet<string>;
  readonly askedTerms: ReadonlySet<string>;
}

/** The sentences of a paragraph lean on each other: "It costs 3.50 euros a month." says nothing alone. */
export function unitsOf(passages: readonly Passage[]): RetrievalUnit[] {
  const groups = Map.groupBy(passages, ({ source, paragraph }) => `${source.id} ${paragraph}`);
  return [...groups.values()].map((group) => {
    const [first] = group as [Passage, ...Passage[]];
    const questions = first.questions.map(foldText);
    let text = questions.length > 0 ? questions.join(" ") : `${foldText(first.source.title)}:`;
    const spans = group.map((passage) => {
      const start = text.length + 1;
      text = `${text} ${foldText(passage.text)}`;
      return [start, text.length] as const;
    });
    return {
      source: first.source,
      passages: group,
      questions,
      text,
      spans,
      terms: new Set(group.flatMap(({ terms }) => [...terms])),
      titleTerms: first.titleTerms,
      askedTerms: first.askedTerms,
    };
  });
}
