import { languageOf, primaryLanguage } from "../knowledge/index.ts";
import type { Message } from "./backend.ts";
import { readEnglish } from "./follow-up-en.ts";
import { readChinese } from "./follow-up-zh.ts";

/** Readings of a question, the likeliest first; more than one when it leans on an earlier question. */
export type Readings = readonly [string, ...string[]];

const longestQuestionWords = 60;
const longestChineseQuestion = 120;
const earlierTurns = 3;

/**
 * Reads the last question in the light of those before it in its language: "And for students?" after "How much is a ticket for
 * children?" becomes "How much is a ticket for students?". Which reading is meant is left to the evidence.
 * @param language BCP-47, of the last question
 */
export function readingsOf(messages: readonly Message[], language: string): Readings {
  const wanted = primaryLanguage(language);
  const read = wanted === "zh" ? readChinese : readEnglish;
  const asked = messages.filter(({ role }) => role === "user").slice(-earlierTurns - 1);
  const questions = asked.filter(({ text }, index) => index === asked.length - 1 || languageOf(text, language) === wanted);
  return questions.map(({ text }) => tidy(text)).reduce<Readings>((before, question) => read(question, before[0]), [""]);
}

/** One line of at most the last 60 words, without hesitation. */
function tidy(text: string): string {
  const plain = text
    .normalize("NFKC")
    .replace(/\p{C}+/gu, " ")
    .replace(/\b(?:um+|uh+|erm?|hmm+)\b[,.]?/giu, " ")
    .replace(/(?:嗯+|呃+|哎+)[,，、。…]*/gu, " ");
  const words = plain.split(/\s+/u).filter((word) => word !== "");
  return words
    .slice(-longestQuestionWords)
    .map((word) => (/\p{Script=Han}/u.test(word) ? word.slice(-longestChineseQuestion) : word.slice(0, 60)))
    .join(" ");
}
