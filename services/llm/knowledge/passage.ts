import { splitSentences } from "../clauses/index.ts";
import type { KnowledgeDocument } from "./document.ts";
import { isInstruction } from "./instruction.ts";
import type { QuestionAnswer } from "./question-answer.ts";
import { indexTermsOf, wordsOf } from "./terms.ts";

/** What a citation names: a document, or a question with its answer. */
export interface Source {
  readonly id: string;
  readonly title: string;
  /** BCP-47. */
  readonly language: string;
}

/** What is found, said and cited: a sentence of a document, or the answer to a question. */
export interface Passage {
  /** Index within the tenant's passages. */
  readonly index: number;
  readonly source: Source;
  readonly text: string;
  /** What it answers, in the tenant's words; empty for a sentence of a document. */
  readonly questions: readonly string[];
  /** Place within the document, from 0. */
  readonly place: number;
  /** Place of its paragraph within the document; neighbours in one paragraph have the same. */
  readonly paragraph: number;
  /** What it can be found by: stems, pairs of Chinese characters, and the weekdays inside a span of days. */
  readonly terms: ReadonlySet<string>;
  readonly titleTerms: ReadonlySet<string>;
  /** Of the questions. */
  readonly askedTerms: ReadonlySet<string>;
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** The sentences of all documents, then all answers, in order. What orders a language model about is left out. */
export function passagesOf(documents: readonly KnowledgeDocument[], answers: readonly QuestionAnswer[] = []): Passage[] {
  const passages: Passage[] = [];
  const add = (passage: Omit<Passage, "index">) => {
    if (!isInstruction(passage.text)) passages.push({ index: passages.length, ...passage });
  };
  for (const document of documents) sentencesOf(document).forEach(add);
  for (const answer of answers) add(answerPassage(answer));
  return passages;
}

function sentencesOf(document: KnowledgeDocument): Omit<Passage, "index">[] {
  const { id, title, language } = document;
  const titleTerms = new Set(indexTermsOf(title));
  let place = 0;
  return document.text.split(/\n[^\S\n]*\n/u).flatMap((text, paragraph) =>
    splitSentences(text).map((sentence) => ({
      source: { id, title, language },
      text: sentence,
      questions: [],
      place: place++,
      paragraph,
      terms: new Set([...indexTermsOf(sentence), ...spannedDays(sentence)]),
      titleTerms,
      askedTerms: new Set<string>(),
    })),
  );
}

function answerPassage({ id, title, language, question, variants, answer }: QuestionAnswer): Omit<Passage, "index"> {
  const questions = [question, ...variants];
  return {
    source: { id, title, language },
    text: answer,
    questions,
    place: 0,
    paragraph: 0,
    terms: new Set([...indexTermsOf(answer), ...spannedDays(answer)]),
    titleTerms: new Set(indexTermsOf(title)),
    askedTerms: new Set(questions.flatMap((asked) => [...indexTermsOf(asked), ...spannedDays(asked)])),
  };
}

/** The days between two that a text names as a span: "Tuesday to Friday" and "周二至周五" hold Wednesday. */
function spannedDays(text: string): string[] {
  const words = wordsOf(text.replace(/[-–—~～]/gu, " to ")).map((word) => word.replace(/(?<=day)s$/u, ""));
  return words.flatMap((word, index) => {
    const from = weekdays.indexOf(word as (typeof weekdays)[number]);
    const to = weekdays.indexOf(words[index + 2] as (typeof weekdays)[number]);
    if (from < 0 || to < 0 || !/^(?:to|through|until|till|至|到)$/u.test(words[index + 1] as string)) return [];
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, step) => weekdays[(from + step) % 7] as string);
  });
}
