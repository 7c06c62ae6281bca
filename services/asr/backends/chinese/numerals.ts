const digits: Readonly<Record<string, number>> = { 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
const myriads = [
  ["亿", 1e8],
  ["万", 1e4],
] as const;

/** Words that only look like numbers. */
const idioms = new Set(["千万", "万一", "百万", "亿万", "万万", "千百", "百十", "万千"]);

const digit = "[零〇一二两三四五六七八九]";
const numeral = "[零〇一二两三四五六七八九十百千万亿]";
const patterns = {
  percent: new RegExp(`百分之(${numeral}+(?:点${digit}+)?)`, "gu"),
  // Not a time of day: "三点五分" is five past three.
  decimal: new RegExp(`(${numeral}+)点(${digit}+)(?!${numeral}|[分刻])`, "gu"),
  numeral: new RegExp(`${numeral}{2,}`, "gu"),
  /** A single digit is a number before these; elsewhere it may be part of a word (一下, 一些, 三明治). */
  counted: /[一二三四五六七八九](?=[月号楼岁])/gu,
};

/** A stretch of a text, in UTF-16 units, and what stands for it. */
export interface Rewrite {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Finds numbers that are written in Chinese numerals, to be written in digits: with a unit of ten or more (三百五十 → 350), three digits
 * or more in a row (二零二六 → 2026), decimals, per cent, and single ones before month, day, floor and age. Simplified script.
 */
export function findNumerals(text: string): readonly Rewrite[] {
  const found: Rewrite[] = [];
  const add = (start: number, length: number, digitsText: string | undefined) => {
    if (digitsText === undefined || found.some((other) => start < other.end && start + length > other.start)) return;
    found.push({ start, end: start + length, text: digitsText });
  };
  for (const match of text.matchAll(patterns.percent)) add(match.index, match[0].length, percent(match[1] as string));
  for (const match of text.matchAll(patterns.decimal)) add(match.index, match[0].length, decimal(match[1] as string, match[2] as string));
  for (const match of text.matchAll(patterns.numeral)) add(match.index, match[0].length, integer(match[0]));
  for (const match of text.matchAll(patterns.counted)) add(match.index, 1, String(digits[match[0]]));
  return found.sort((one, other) => one.start - other.start);
}

function percent(text: string): string | undefined {
  const [whole = "", fraction] = text.split("点");
  const value = fraction === undefined ? cardinal(whole) : decimal(whole, fraction);
  return value === undefined ? undefined : `${value}%`;
}

function decimal(whole: string, fraction: string): string | undefined {
  const value = cardinal(whole);
  return value === undefined ? undefined : `${value}.${spelled(fraction)}`;
}

function integer(text: string): string | undefined {
  if (idioms.has(text)) return undefined;
  // Nobody reads out a 2 as 两.
  if ([...text].every((character) => character in digits && character !== "两")) return text.length >= 3 ? spelled(text) : undefined;
  const value = cardinal(text);
  return value === undefined ? undefined : String(value);
}

const spelled = (text: string) => [...text].map((character) => digits[character]).join("");

const units: Readonly<Record<string, number>> = { 百: 1e2, 千: 1e3, 万: 1e4, 亿: 1e8 };
const shortened = /([百千万亿])([一二两三四五六七八九])$/u;

const belowMyriad = new RegExp(`^(?:(${digit})千)?零?(?:(${digit})百)?零?(?:(${digit})?(十))?零?(${digit})?$`, "u");

/** The value of a number that is well formed; undefined otherwise. */
function cardinal(text: string): number | undefined {
  // A last digit that follows a unit without 零 counts the next lower unit: 三千五 is 3500.
  const [, lastUnit, last] = shortened.exec(text) ?? [];
  if (lastUnit !== undefined) {
    const whole = cardinal(text.slice(0, -1));
    return whole === undefined ? undefined : whole + (digitValue(last) * (units[lastUnit] as number)) / 10;
  }
  for (const [unit, value] of myriads) {
    const at = text.indexOf(unit);
    if (at < 0) continue;
    const high = cardinal(text.slice(0, at));
    const low = at + 1 === text.length ? 0 : cardinal(text.slice(at + 1));
    return high === undefined || low === undefined ? undefined : high * value + low;
  }
  const [, thousands, hundreds, tens, ten, ones] = belowMyriad.exec(text) ?? [];
  const tensDigit = ten === undefined ? 0 : digitValue(tens ?? "一");
  const sum = 1000 * digitValue(thousands) + 100 * digitValue(hundreds) + 10 * tensDigit + digitValue(ones);
  return sum > 0 ? sum : undefined;
}

const digitValue = (character: string | undefined) => (character === undefined ? 0 : (digits[character] as number));
