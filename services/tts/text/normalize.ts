import { abbreviationRewrites, romanNumeralRewrites } from "./abbreviations.ts";
import { dropMarkup, readAddresses } from "./addresses.ts";
import { readDigitStrings } from "./digit-strings.ts";
import type { NormalizationTables } from "./language-data.ts";
import { readMeasures } from "./measures.ts";
import { moneyRewrites, readRanges, readSigns, unitRewrites } from "./quantities.ts";
import { readRangesOfTimes } from "./ranges.ts";
import { anyOf, type Rewrite, replaceAll } from "./rewrite.ts";
import { dateRewrites, readFractions, readHours, readTimes } from "./times-and-dates.ts";

/**
 * The steps that turn written text into text the lexicon can read: addresses, times, dates, money, units, titles, abbreviations,
 * Roman numerals and symbols. Plain numbers, ordinals, years, percents and $/£/€ amounts are left to the lexicon.
 */
export function createNormalizer(tables: NormalizationTables): Rewrite {
  const [isoDates, slashDates, dottedDates, ...namedDates] = dateRewrites(tables.months) as [Rewrite, Rewrite, Rewrite, ...Rewrite[]];
  const steps: readonly Rewrite[] = [
    plainCharacters,
    ...dropMarkup,
    ...readAddresses,
    ...readDigitStrings,
    ...readRangesOfTimes,
    ...readMeasures,
    readTimes,
    readHours,
    isoDates,
    slashDates,
    dottedDates,
    ...moneyRewrites(tables),
    ...unitRewrites(tables),
    ...namedDates,
    ...abbreviationRewrites(tables),
    ...romanNumeralRewrites(tables),
    readFractions(tables.months),
    readRanges,
    readSigns,
    ...symbolRewrites(tables.symbols),
    tidySpaces,
  ];
  return (text) => steps.reduce((current, step) => step(current), text);
}

/** Control and format characters and pictographs away, typographic variants to their plain form. */
function plainCharacters(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replace(/(?![\d#*©®™↔-⇿])(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\p{Variation_Selector})/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .replaceAll("’", "'")
    .replaceAll("‒", "-")
    .replaceAll("―", "—");
}

/** A relation is read only between two things, any other symbol everywhere. */
function symbolRewrites(symbols: Readonly<Record<string, string>>): readonly Rewrite[] {
  return Object.entries(symbols).map(([symbol, word]) => {
    const source = anyOf([symbol]);
    const pattern = "=<>~".includes(symbol) ? new RegExp(String.raw`(?<=\S) ?${source} ?(?=\S)`, "g") : new RegExp(source, "g");
    return replaceAll(pattern, () => (word === "" ? " " : ` ${word} `));
  });
}

function tidySpaces(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/ +([,.;:!?])/g, "$1")
    .trim();
}
