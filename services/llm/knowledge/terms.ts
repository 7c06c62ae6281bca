import { numbersToDigits, weekdaysToEnglish, zhStopWords } from "./chinese.ts";
import { foldText } from "./folding.ts";

/** Its dictionary also knows where Chinese words end. */
const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** Words that say nothing about what is asked: articles, pronouns, auxiliaries, question words, politeness, hesitation. */
const stopWords = new Set(
  (
    "a an the this that these those it its he him his she her they them their there here i me my mine we us our ours you your yours one " +
    "is am are was were be been being do does did done has have had having can could may might must shall should will would get got " +
    "and or but if so then than as at by for from in into of off on onto out over to up with about around during some any all " +
    "what when where which who whom whose why how much many long often please tell know like want need let ask question say said " +
    "um uh er erm hmm ah oh well okay ok yes no not don't doesn't isn't i'm it's what's where's who's there's whats wheres hello hi hey just also too actually really " +
    "s t re ve ll d m " +
    "bring come go going take make use happen happened right now today somewhere anything something thing things way look find possible allowed leave " +
    "good best nice nearest near nearby everything everyone someone somebody anyone still ever already again sure maybe able need want wanna gonna " +
    "give tell told show explain mean called name kind sort lot bit yet currently actually really exactly"
  ).split(" "),
);

const numberWords = new Map(
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
    .split(" ")
    .map((word, value) => [word, String(value)]),
);

const exact =
  /^(?:\d+|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december)$/u;

/** A word and where it stands, in UTF-16 units. */
export interface PlacedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The words of a text in lower case without accents, in simplified characters; "Wi-Fi" is one word, days are English words and
 * numbers digits in Chinese too.
 */
export function wordsOf(text: string): string[] {
  const plain = lettersOf(foldText(text))
    .replace(/(?<=\p{L})[-‐‑](?=\p{L})/gu, "")
    .replace(/(?<=\d),(?=\d{3})/gu, "")
    .replace(/[’]/gu, "'");
  return [...segmenter.segment(canonical(plain))].filter((part) => part.isWordLike).map((part) => part.segment);
}

/** The words that carry meaning, with their places in the text as it is. @param text folded */
export function placedContentWords(text: string): PlacedWord[] {
  return [...segmenter.segment(text)]
    .filter((part) => part.isWordLike)
    .map(({ segment, index }) => ({
      word: canonical(lettersOf(segment).replace(/['’]s$/u, "")),
      start: index,
      end: index + segment.length,
    }))
    .filter(({ word }) => !isStopWord(word));
}

/** One name for a day and digits for a number in Chinese too. */
function canonical(text: string): string {
  return /\p{Script=Han}/u.test(text) ? weekdaysToEnglish(numbersToDigits(text)).trim() : text;
}

function lettersOf(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFC").toLowerCase();
}

function isStopWord(word: string): boolean {
  return stopWords.has(word) || zhStopWords.has(word);
}

/** What a text can be found by: stems, and for Chinese also each pair of neighbouring characters. */
export function indexTermsOf(text: string): string[] {
  return [...termsOf(text), ...characterPairs(text)];
}

/** The pairs of neighbouring Chinese characters: what words have in common however they were cut. */
export function characterPairs(text: string): string[] {
  const runs = foldText(text).match(/\p{Script=Han}+/gu) ?? [];
  return runs.flatMap((run) => {
    const characters = [...run];
    return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  });
}

export function isHan(word: string): boolean {
  return /^\p{Script=Han}+$/u.test(word);
}

/** The stems of the words that carry meaning, in order; number words as digits. */
export function termsOf(text: string): string[] {
  return contentWordsOf(text).map(stemOf);
}

/** The words that carry meaning, in order. */
export function contentWordsOf(text: string): string[] {
  return wordsOf(text)
    .map((word) => word.replace(/'s$/u, ""))
    .filter((word) => !isStopWord(word));
}

/** Plural, -ed and -ing endings off (after Harman 1991, the S stemmer); number words as digits. */
export function stemOf(word: string): string {
  const digits = numberWords.get(word);
  if (digits !== undefined) return digits;
  if (!/^[a-z]+$/u.test(word) || word.length < 4) return word;
  let stem = word;
  if (/[^aeiou]ies$/u.test(stem)) stem = stem.replace(/ies$/u, "y");
  else if (/(?:ss|x|ch|sh|z)es$/u.test(stem)) stem = stem.replace(/es$/u, "");
  else if (/[^us]s$/u.test(stem)) stem = stem.replace(/s$/u, "");
  if (stem.length > 5) stem = stem.replace(/(?:ing|ed)$/u, "").replace(/([bdgmnprt])\1$/u, "$1");
  return stem.length > 3 ? stem.replace(/e$/u, "") : stem;
}

/** True for numbers, days and months: another one is not nearly the same, however alike the words are used. */
export function isExact(stem: string): boolean {
  return exact.test(stem);
}
