import { type Lexicon, look, plainQuery } from "./lexicon.ts";
import { cardinal, decimal, ordinal, spellDigits, year } from "./number-words.ts";
import { readPluralForm, withPastEnding, withPluralEnding, withProgressiveEnding } from "./suffixes.ts";

const currencies: Readonly<Record<string, readonly [string, string]>> = {
  $: ["dollar", "cent"],
  "£": ["pound", "pence"],
  "€": ["euro", "cent"],
};
const ordinalSuffixes = ["st", "nd", "rd", "th"];
const numberSuffixes = ["ing", "'d", "ed", "'s", ...ordinalSuffixes, "s"];

export function isCurrency(text: string): boolean {
  return Object.hasOwn(currencies, text);
}

/** Digits with separators, at most one known suffix ("1990s", "3rd") and, at the head of a word, a minus. */
export function isNumber(word: string, isHead: boolean): boolean {
  if (!/[0-9]/.test(word)) return false;
  const suffix = numberSuffixes.find((candidate) => word.endsWith(candidate)) ?? "";
  const body = word.slice(0, word.length - suffix.length);
  return (isHead ? /^-?[0-9,.]*$/ : /^[0-9,.]*$/).test(body);
}

/**
 * Reads a number: ordinals, four digits as a year, amounts of money, decimals, and inside a word ("A320") in the short style of
 * codes. Undefined when nothing of it can be said.
 */
export function readNumber(lexicon: Lexicon, written: string, currency: string | undefined, isHead: boolean): string | undefined {
  const suffix = /[a-z']+$/.exec(written)?.[0] ?? "";
  const unsigned = written.slice(0, written.length - suffix.length);
  const isNegative = unsigned.startsWith("-");
  const digits = isNegative ? unsigned.slice(1) : unsigned;
  const words = numberWords(digits, suffix, currency, isHead, isNegative);
  const phones = [...(isNegative ? ["minus"] : []), ...words].map((word) => readNumberWord(lexicon, word)).filter((part) => part !== "");
  if (phones.length === 0) return undefined;
  return withSuffix(phones.join(" "), suffix);
}

function numberWords(digits: string, suffix: string, currency: string | undefined, isHead: boolean, isNegative: boolean): string[] {
  const plain = digits.replaceAll(",", "");
  const isWhole = /^[0-9]+$/.test(digits);
  const dots = digits.split(".").length - 1;
  if (isWhole && ordinalSuffixes.includes(suffix)) return wordsOf(ordinal(digits));
  if (!isNegative && digits.length === 4 && isWhole && currency === undefined) return wordsOf(year(digits));
  if (!isHead && dots === 0) return codeWords(plain);
  if (dots > 1 || !isHead) return plain.split(".").flatMap(versionWords);
  if (currency !== undefined && isAmount(digits)) return amountWords(plain, currency);
  if (dots === 0) return wordsOf(ordinalSuffixes.includes(suffix) ? ordinal(plain) : cardinal(plain));
  return wordsOf(plain.startsWith(".") ? `point ${spellDigits(plain.slice(1))}` : decimal(plain));
}

/** Inside a word: long runs and leading zeros digit by digit, "320" as "three twenty", "302" as "three oh two". */
function codeWords(digits: string): string[] {
  if (digits === "") return [];
  if (digits.startsWith("0") || digits.length > 3) return wordsOf(spellDigits(digits));
  if (digits.length < 3 || digits.endsWith("00")) return wordsOf(cardinal(digits));
  const [first = "", second = "", third = ""] = digits;
  if (second === "0") return [...wordsOf(cardinal(first)), "O", ...wordsOf(cardinal(third))];
  return [...wordsOf(cardinal(first)), ...wordsOf(cardinal(second + third))];
}

/** One part of "3.11.4" or an address. */
function versionWords(digits: string): string[] {
  if (digits === "") return [];
  const spelled = digits.startsWith("0") || (digits.length !== 2 && /[1-9]/.test(digits.slice(1)));
  return wordsOf(spelled ? spellDigits(digits) : cardinal(digits));
}

function isAmount(digits: string): boolean {
  return (digits.split(".")[1] ?? "").length < 3;
}

function amountWords(plain: string, currency: string): string[] {
  const [unit, part] = currencies[currency] as readonly [string, string];
  const [whole = "0", cents] = plain.split(".");
  const sums: (readonly [string, string])[] = [[whole === "" ? "0" : whole, unit]];
  if (cents !== undefined) sums.push([cents === "" ? "0" : cents, part]);
  const isZero = ([digits]: readonly [string, string]) => Number(digits) === 0;
  const said =
    sums.length === 1 ? sums : isZero(sums[1] as readonly [string, string]) ? sums.slice(0, 1) : sums.filter((sum) => !isZero(sum));
  return said.flatMap(([digits, name], index) => [
    ...(index > 0 ? ["and"] : []),
    ...wordsOf(cardinal(digits)),
    Number(digits) === 1 || name === "pence" ? name : `${name}s`,
  ]);
}

function readNumberWord(lexicon: Lexicon, word: string): string {
  const unstressed = word === "point" || word === "O";
  const query = unstressed ? ({ ...plainQuery, stress: -2 } as const) : plainQuery;
  const money = /^(dollar|cent|pound|euro)s$/.test(word);
  return (money ? readPluralForm(lexicon, word, query) : look(lexicon, word, query)) ?? "";
}

function withSuffix(phones: string, suffix: string): string | undefined {
  if (suffix === "s" || suffix === "'s") return withPluralEnding(phones);
  if (suffix === "ed" || suffix === "'d") return withPastEnding(phones);
  return suffix === "ing" ? withProgressiveEnding(phones) : phones;
}

function wordsOf(spelled: string): string[] {
  return spelled.split(/[ -]/);
}
