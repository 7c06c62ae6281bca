import { cardinal, ordinal } from "./number-words.ts";
import { anyOf, type Rewrite, replaceAll } from "./rewrite.ts";

const clockTime = /\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AaPp])\.?[Mm]\.?(?![A-Za-z]))?(?!\d)/g;
const isoDate = /\b(\d{4})([-/])(\d{2})\2(\d{2})\b/g;
/** Day first, as where dates have dots. */
const dottedDate = /(?<![\w.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\w]|\.\d)/g;
const slashDate = /\b(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})\b/g;

/** "10:30 am" -> "ten thirty A.M.", "7:00" -> "seven o'clock". */
export const readTimes: Rewrite = replaceAll(clockTime, (match) => {
  const [whole, hour = "", minute = "", second, half] = match;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second ?? 0) > 59) return whole;
  const bare = half === undefined && second === undefined && !/^ (?:noon|midnight)/.test(match.input.slice(match.index + whole.length));
  const words = [cardinal(hour), minuteWords(minute, bare)];
  if (second !== undefined) words.push(`and ${cardinal(second)} ${Number(second) === 1 ? "second" : "seconds"}`);
  if (half !== undefined) {
    const stopFollows = match.input[match.index + whole.length] === ".";
    words.push(`${half.toUpperCase()}.M${stopFollows ? "" : "."}`);
  }
  return words.filter((word) => word !== "").join(" ");
});

/** "9 am" -> "nine A.M.", where nobody is meant ("am" is a verb); "12:00 noon" is no "o'clock". */
export const readHours: Rewrite = replaceAll(/(?<![\w.:,-])(\d{1,2})\s?([AaPp])\.?[Mm]\b/g, (match) => {
  const [whole, hour = "", half = ""] = match;
  if (Number(hour) < 1 || Number(hour) > 12) return whole;
  const stopFollows = match.input[match.index + whole.length] === ".";
  return `${cardinal(hour)} ${half.toUpperCase()}.M${stopFollows ? "" : "."}`;
});

/** Numeric dates ("2024-03-05", "3/5/2024", "25/12/99") and dates with a month's name ("5 March", "Mar. 5th, 2024"). */
export function dateRewrites(months: Readonly<Record<string, string>>): readonly Rewrite[] {
  const names = Object.values(months);
  const monthSource = anyOf([...names, ...Object.keys(months).map(capitalize), "Sept"]);
  const monthName = (text: string) => months[text.toLowerCase().slice(0, 3)] as string;
  const spoken = (month: number, day: number, yearDigits?: string) => {
    if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
    return `${names[month - 1]} ${ordinal(String(day))}${yearDigits === undefined ? "" : `, ${yearDigits}`}`;
  };
  return [
    replaceAll(isoDate, ([whole, year, , month, day]) => spoken(Number(month), Number(day), year) ?? whole),
    replaceAll(slashDate, ([whole, first, second, year]) => {
      const [month, day] = Number(first) <= 12 ? [Number(first), Number(second)] : [Number(second), Number(first)];
      return spoken(month, day, fullYear(year as string)) ?? whole;
    }),
    replaceAll(dottedDate, ([whole, day, month, year]) => spoken(Number(month), Number(day), year) ?? whole),
    replaceAll(
      new RegExp(String.raw`\b(${monthSource})\.? (\d{1,2})(?:st|nd|rd|th)?\b(?![\d:%])(,? \d{4}\b)?`, "g"),
      ([whole, month = "", day = "", year = ""]) => (isDay(day) ? `${monthName(month)} ${ordinal(day)}${year}` : whole),
    ),
    replaceAll(new RegExp(String.raw`\b(?:the )?(\d{1,2}) (?:of )?(${monthSource})\b\.?`, "g"), ([whole, day = "", month = ""]) =>
      isDay(day) ? `the ${ordinal(day)} of ${monthName(month)}` : whole,
    ),
  ];
}

/** "3/4" -> "3 quarters", "9/11" -> "September eleventh", other pairs with "slash". */
export function readFractions(months: Readonly<Record<string, string>>): Rewrite {
  const parts = ["half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
  const names = Object.values(months);
  return replaceAll(/(?<![\w./])(\d{1,2})\/(\d{1,2})(?![\w./])/g, ([, above = "", below = ""]) => {
    const [a, b] = [Number(above), Number(below)];
    if (a > 0 && a < b && b <= 10) {
      if (b === 2) return "one half";
      return `${a} ${parts[b - 2]}${a === 1 ? "" : "s"}`;
    }
    if (a >= 1 && a <= 12 && b >= 1 && b <= 31) return `${names[a - 1]} ${ordinal(below)}`;
    return `${a} slash ${b}`;
  });
}

function minuteWords(minute: string, bare: boolean): string {
  const value = Number(minute);
  if (value === 0) return bare ? "o'clock" : "";
  return value < 10 ? `oh ${cardinal(minute)}` : cardinal(minute);
}

function isDay(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 31;
}

/** Two digits up to 30 are of this century. */
function fullYear(digits: string): string {
  if (digits.length === 4) return digits;
  return (Number(digits) > 30 ? "19" : "20") + digits;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
