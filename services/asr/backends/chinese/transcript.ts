import { Converter } from "opencc-js/t2cn";
import type { RecognisedWord } from "../backend.ts";
import { findNumerals } from "./numerals.ts";

const simplify = Converter({ from: "t", to: "cn" });
const han = /\p{Script=Han}/u;
const fullWidth: Readonly<Record<string, string>> = { ",": "，", "?": "？", "!": "！", ";": "；", ":": "：" };

/**
 * Mandarin as Whisper writes it, in one form: simplified characters, numbers in digits, full-width punctuation after Han characters.
 * @param words single characters mostly; those that make up a number become one
 */
export function normaliseChinese(words: readonly RecognisedWord[]): readonly RecognisedWord[] {
  const simplified = simplifyWords(words).map((word) => ({ ...word, text: widenPunctuation(word.text) }));
  return mergeNumbers(simplified);
}

/** A text in the form that transcripts have: for comparing with them. */
export function normaliseMandarinText(text: string): string {
  const characters = text.match(/\p{Script=Han}|[^\p{Script=Han}]+/gu) ?? [];
  return joinChinese(normaliseChinese(characters.map((character) => ({ text: character, startUs: 0, endUs: 0, confidence: 1 }))));
}

/** Words side by side; a space stands between those of a script that has spaces. */
export function joinChinese(words: readonly RecognisedWord[]): string {
  return words.reduce((text, word) => {
    const spaced = /[\p{Script=Latin}\d]$/u.test(text) && /^[\p{Script=Latin}\d]/u.test(word.text);
    return `${text}${spaced ? " " : ""}${word.text}`;
  }, "");
}

/** All at once, since a character's simplified form may depend on its neighbours. */
function simplifyWords(words: readonly RecognisedWord[]): readonly RecognisedWord[] {
  const joined = words.map((word) => word.text).join("");
  const simple = simplify(joined);
  if (simple.length !== joined.length) return words.map((word) => ({ ...word, text: simplify(word.text) }));
  let at = 0;
  return words.map((word) => {
    const text = simple.slice(at, at + word.text.length);
    at += word.text.length;
    return { ...word, text };
  });
}

function widenPunctuation(text: string): string {
  return han.test(text) ? text.replaceAll(/[,?!;:]/g, (mark) => fullWidth[mark] as string).replace(/(?<!\.)\.$/, "。") : text;
}

function mergeNumbers(words: readonly RecognisedWord[]): readonly RecognisedWord[] {
  const text = words.map((word) => word.text).join("");
  const starts: number[] = [];
  let length = 0;
  for (const word of words) {
    starts.push(length);
    length += word.text.length;
  }
  const merged: RecognisedWord[] = [];
  let next = 0;
  for (const rewrite of findNumerals(text)) {
    const first = Math.max(
      next,
      starts.findLastIndex((start) => start <= rewrite.start),
    );
    const last = starts.findLastIndex((start) => start < rewrite.end);
    merged.push(...words.slice(next, first));
    const end = (starts[last] as number) + (words[last] as RecognisedWord).text.length;
    const before = text.slice(starts[first], rewrite.start);
    merged.push(unite(words.slice(first, last + 1), `${before}${rewrite.text}${text.slice(rewrite.end, end)}`));
    next = last + 1;
  }
  return [...merged, ...words.slice(next)];
}

function unite(words: readonly RecognisedWord[], text: string): RecognisedWord {
  const logs = words.reduce((sum, word) => sum + Math.log(word.confidence), 0);
  return {
    text,
    startUs: words[0]?.startUs ?? 0,
    endUs: words.at(-1)?.endUs ?? 0,
    confidence: Math.exp(logs / Math.max(1, words.length)),
  };
}
