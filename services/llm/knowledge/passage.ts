import { splitSentences } from "../clauses/index.ts";
import type { KnowledgeDocument } from "./document.ts";
import { termsOf } from "./terms.ts";

/** A sentence of a document: what is found, said and cited. */
export interface Passage {
  /** Index within the tenant's passages. */
  readonly index: number;
  readonly document: KnowledgeDocument;
  readonly text: string;
  /** Place within the document, from 0. */
  readonly place: number;
  /** Place of its paragraph within the document; neighbours in one paragraph have the same. */
  readonly paragraph: number;
  /** What it can be found by: its stems, and the weekdays inside a span of days. */
  readonly terms: ReadonlySet<string>;
  readonly titleTerms: ReadonlySet<string>;
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** The sentences of all documents, in order. */
export function passagesOf(documents: readonly KnowledgeDocument[]): Passage[] {
  const passages: Passage[] = [];
  for (const document of documents) {
    const titleTerms = new Set(termsOf(document.title));
    const first = passages.length;
    document.text.split(/\n[^\S\n]*\n/u).forEach((text, paragraph) => {
      for (const sentence of splitSentences(text)) {
        const terms = new Set([...termsOf(sentence), ...spannedDays(sentence)]);
        const index = passages.length;
        passages.push({ index, place: index - first, document, text: sentence, paragraph, terms, titleTerms });
      }
    });
  }
  return passages;
}

/** The days between two that a text names as a span: "Tuesday to Friday" holds Wednesday. */
function spannedDays(text: string): string[] {
  const day = weekdays.join("|");
  const span = new RegExp(`\\b(${day})s?\\s*(?:to|through|until|till|–|-)\\s*(${day})\\b`, "giu");
  return [...text.matchAll(span)].flatMap((match) => {
    const from = weekdays.indexOf((match[1] as string).toLowerCase() as (typeof weekdays)[number]);
    const to = weekdays.indexOf((match[2] as string).toLowerCase() as (typeof weekdays)[number]);
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, step) => weekdays[(from + step) % 7] as string);
  });
}
