import { contentWordsOf } from "../knowledge/index.ts";
import type { Readings } from "./follow-up.ts";

const opener = /^(?:(?:and|or|but|also|so|then|ok(?:ay)?|well|um+|uh+|er+m?)[\s,]+)+/iu;
const about = /^(?:(?:what|how) about|what of)\s+/iu;
const pronoun = /\b(?:it|its|they|them|their|theirs|that|this|those|these|there|one|he|she|him|her|his)\b/giu;
/** "is there a shop" asks for a shop; its "there" stands for nothing. */
const existential = /\b(?:is|are|was|were) there\b(?=\s+\p{L})|\bthere(?:'s| is| are)\b/giu;
const asks = /^(?:what|when|where|which|who|whose|why|how|is|are|was|were|do|does|did|can|could|may|must|will|would|should|have|has)\b/iu;
const preposition = /^(?:for|on|at|in|by|with|from|to)\b/iu;
const weekday = /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend)s?\b/iu;
const maxReadings = 7;

/** An English question in the light of the one before. @param before "" when there is none */
export function readEnglish(question: string, before: string): Readings {
  const opened = opener.test(question) || about.test(question);
  const rest = question
    .replace(opener, "")
    .replace(about, "")
    .replace(/[?!.\s]+$/u, "");
  const content = contentWordsOf(rest);
  if (before === "" || rest === "") return [rest || question];
  const full = asks.test(rest);
  const pronouns = rest.replace(existential, "").match(pronoun) !== null;
  if (pronouns && full && content.length <= 4) return refer(rest, before);
  const elliptic = !full && (opened || preposition.test(rest) || content.length <= 2);
  if (elliptic && content.length > 0 && content.length <= 4) return substitute(rest, before);
  if (full && content.length === 0) return [`${rest} ${contentWordsOf(before).join(" ")}`, rest];
  return [rest];
}

/** Puts what the earlier question was about in the place of the pronoun. */
function refer(question: string, before: string): Readings {
  const topic = contentWordsOf(before).join(" ");
  if (topic === "") return [question];
  const kept = question.replace(existential, (match) => match.replace(/there/iu, "\u0000"));
  const [first] = kept.match(pronoun) ?? [];
  const replaced = first === undefined ? `${question} ${topic}` : kept.replace(new RegExp(`\\b${first}\\b`, "iu"), `the ${topic}`);
  return [replaced.replaceAll("\u0000", "there"), question];
}

/** Puts the new words in the place of each word of the earlier question in turn. */
function substitute(words: string, before: string): Readings {
  const bare = words.replace(preposition, "").trim();
  const targets = contentWordsOf(before);
  const swap = (target: string) => before.replace(new RegExp(`\\b${escapeRegExp(target)}(?=\\b|'|$)`, "iu"), bare);
  const day = weekday.exec(before)?.[0];
  const likely = [
    ...(weekday.test(words) && day ? [swap(day)] : []),
    ...(preposition.test(words) ? [swapPhrase(words, before)] : []),
    `${before} ${words}`,
  ];
  const swapped = targets.toReversed().map(swap);
  return [...new Set([...likely, ...swapped])].slice(0, maxReadings) as unknown as Readings;
}

/** "for students" in the place of "for children", or at the end. */
function swapPhrase(words: string, before: string): string {
  const lead = (preposition.exec(words)?.[0] ?? "").toLowerCase();
  const phrase = new RegExp(`\\b${lead}\\s+(?:(?:the|a|an|my|your)\\s+)?[\\p{L}\\d-]+`, "iu");
  return phrase.test(before) ? before.replace(phrase, words) : `${before} ${words}`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
}
