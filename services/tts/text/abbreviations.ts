import type { NormalizationTables } from "./language-data.ts";
import { ordinal } from "./number-words.ts";
import { anyOf, type Rewrite, replaceAll } from "./rewrite.ts";

const romanNumeral = "((?=[IVXLC][MDCLXVI]*\\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))";
const romanValues: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };

/** "Dr Smith", "St. Paul" (a title only before a capital), "approx.", "No. 5", "#3". */
export function abbreviationRewrites({ titles, abbreviations }: NormalizationTables): readonly Rewrite[] {
  return [
    replaceAll(new RegExp(String.raw`\b(${anyOf(Object.keys(titles))})\.? (?=[A-Z])`, "g"), ([, title]) => `${titles[title as string]} `),
    replaceAll(new RegExp(String.raw`(?<![\w.])(${anyOf(Object.keys(abbreviations))})(?!\w)`, "g"), (match) => {
      const short = match[1] as string;
      const endsSentence = match.index + match[0].length === match.input.length && short.endsWith(".");
      return abbreviations[short] + (endsSentence ? "." : "");
    }),
    replaceAll(/\b(Nos?)\. ?(?=\d)/g, ([, word]) => (word === "No" ? "Number " : "Numbers ")),
    replaceAll(/(?<![\w&])#(?=\d)/g, () => "number "),
  ];
}

/** "Chapter IV" -> "Chapter 4", "Henry VIII" -> "Henry the eighth". */
export function romanNumeralRewrites(tables: NormalizationTables): readonly Rewrite[] {
  const after = (words: readonly string[]) => new RegExp(String.raw`\b(${anyOf(words)}) ${romanNumeral}\b(?![.'’]\w)`, "g");
  return [
    replaceAll(after(tables.roman_cardinal), ([, word, numeral]) => `${word} ${romanValue(numeral as string)}`),
    replaceAll(after(tables.roman_ordinal), ([, word, numeral]) => `${word} the ${ordinal(String(romanValue(numeral as string)))}`),
  ];
}

function romanValue(numeral: string): number {
  let total = 0;
  for (let index = 0; index < numeral.length; index++) {
    const value = romanValues[numeral[index] as string] as number;
    const next = romanValues[numeral[index + 1] as string] ?? 0;
    total += next > value ? -value : value;
  }
  return total;
}
