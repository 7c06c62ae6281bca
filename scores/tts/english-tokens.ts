import { joinNumbers } from "./english-numbers.ts";

/** Spellings, short forms and signs that one and the same speech may be written with. */
const rewrites: readonly (readonly [RegExp, string])[] = [
  [/['’]/g, ""],
  [/\b([a-z])\.([a-z])\b\.?/g, "$1$2"],
  [/(\d),(?=\d{3}\b)/g, "$1"],
  [/\bhttps?:\/\/|\bwww\.|\bwww dot /g, ""],
  [/(?<=[a-z])\.(?=[a-z])/g, " dot "],
  [/@/g, " at "],
  [/([$£€])\s?(\d+(?:\.\d+)?) (million|billion|thousand)/g, "$2 $3 $1"],
  [/([$£€])\s?(\d+)\.(\d\d)\b/g, "$2 $1 $3 cents"],
  [/([$£€])(\d+(?:\.\d+)?)/g, "$2 $1"],
  [/\$/g, " dollars "],
  [/£/g, " pounds "],
  [/€/g, " euros "],
  [/¢/g, " cents "],
  [/%/g, " percent "],
  [/°\s?c\b/g, " degrees celsius "],
  [/°/g, " degrees "],
  [/&/g, " and "],
  [/\b(\d{1,2}):00 ?(?=[ap]m)/g, "$1 "],
  [/\b(\d{1,2}):00\b/g, "$1 oclock"],
  [/\b(\d{1,2}):(\d\d)\b/g, "$1 $2"],
  [/(?<=\d)(?=[ap]m\b)/g, " "],
  [/\b3\/4\b/g, "3 quarters"],
  [/\b(\d{1,2}) ?[-–] ?(\d{1,2})\b/g, "$1 to $2"],
  [/(^|\s)[-−–](?=\d)/g, "$1minus "],
  [/(?<=\d)\.(?=\d)/g, " point "],
  [/(?<=\d) ?km\b/g, " kilometers"],
  [/(?<=\d) ?kg\b/g, " kilograms"],
  [/(?<=\d) ?ml\b/g, " milliliters"],
  [/(?<=\d) ?mph\b/g, " miles per hour"],
  [/(?<=\d) ?m\b/g, " meters"],
  [/\b(kilo|milli|centi)?(met|lit)re(s?)\b/g, "$1$2er$3"],
  [/\bno\. ?(?=\d)/g, "number "],
  [/\betc\b/g, "et cetera"],
  [/\bdr\b/g, "doctor"],
  [/\bprof\b/g, "professor"],
  [/\bmr\b/g, "mister"],
  [/\bmrs\b|\bmisses\b/g, "missus"],
  [/\bviii\b/g, "the 8"],
  [/\bii\b/g, "2"],
];

/** Numbers are written with and without it: "two hundred (and) fifty". */
const unheard: ReadonlySet<string> = new Set(["", "and"]);

/**
 * The words of English text as both sides are compared: lower case, without punctuation, apostrophes and accents; signs and common short
 * forms written out, numbers in any form as digits ("nineteen forty-five" and "1945", "ten thirty" and "10:30", "third" and "3rd"),
 * neighbouring numbers as one word, decimals with "point" between their digits, no "and".
 */
export function englishTokens(text: string): readonly string[] {
  const plain = text.toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "");
  const words = rewrites
    .reduce((current, [pattern, replacement]) => current.replaceAll(pattern, replacement), plain)
    .replaceAll(/(?<=[a-z])(?=\d)/g, " ")
    .replaceAll(/(\d+)(?:st|nd|rd|th|s)\b/g, "$1")
    .replaceAll(/(?<=\d)(?=[a-z])/g, " ")
    .split(/[^a-z0-9]+/)
    .filter((word) => !unheard.has(word));
  return joinNumbers(words);
}
