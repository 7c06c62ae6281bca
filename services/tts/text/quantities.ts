import type { NormalizationTables } from "./language-data.ts";
import { anyOf, inflect, numberSource, type Rewrite, replaceAll } from "./rewrite.ts";

const magnitudes: Readonly<Record<string, string>> = { k: "thousand", m: "million", b: "billion" };
const magnitudeSource = String.raw`(hundred|thousand|million|billion|trillion|[kKmMbB]\b)`;

/** Money beyond plain $, £ and € amounts (those are read by the lexicon): "$3 million", "50¢", "¥500", "20 USD". */
export function moneyRewrites({ currency }: NormalizationTables): readonly Rewrite[] {
  const names = (symbol: string) => currency[symbol.replace(/\.$/, "")] as readonly [string, string];
  return [
    replaceAll(new RegExp(String.raw`([$£€])(${numberSource})\s?${magnitudeSource}`, "g"), ([, symbol = "", amount, magnitude = ""]) => {
      return `${amount} ${magnitudeWord(magnitude)} ${names(symbol)[1]}`;
    }),
    replaceAll(
      new RegExp(String.raw`(?<![\w.])(${numberSource})\s?¢`, "g"),
      ([, amount = ""]) => `${amount} ${inflect(amount, names("¢"))}`,
    ),
    replaceAll(
      new RegExp(String.raw`(?<!\w)([¥₹₩]|Rs\.?|USD|EUR|GBP)\s?(${numberSource})(?:\s?${magnitudeSource})?`, "g"),
      ([, symbol = "", amount = "", magnitude]) => {
        if (magnitude !== undefined) return `${amount} ${magnitudeWord(magnitude)} ${names(symbol)[1]}`;
        return `${amount} ${inflect(amount, names(symbol))}`;
      },
    ),
  ];
}

/** "20 °C", "5km", "60 mph". */
export function unitRewrites({ units }: NormalizationTables): readonly Rewrite[] {
  const scales: Readonly<Record<string, string>> = { C: " Celsius", F: " Fahrenheit" };
  return [
    replaceAll(new RegExp(String.raw`(?<![\w.])(-?${numberSource})\s?°\s?([CF])?(?!\w)`, "g"), ([, amount = "", scale]) => {
      return `${amount} ${inflect(amount, ["degree", "degrees"])}${scale === undefined ? "" : scales[scale]}`;
    }),
    replaceAll(
      new RegExp(String.raw`(?<![\w.])(-?${numberSource})\s?(${anyOf(Object.keys(units))})(?!\w)`, "g"),
      ([, amount = "", unit]) => {
        return `${amount} ${inflect(amount, units[unit as string] as readonly [string, string])}`;
      },
    ),
  ];
}

/** "10-15" -> "10 to 15"; "+5" -> "plus 5". */
export const readRanges: Rewrite = replaceAll(/(?<![\w.-])(\d{1,4})\s?[-–]\s?(\d{1,4})(?![\w.\-%])/g, ([, from, to]) => `${from} to ${to}`);
export const readSigns: Rewrite = replaceAll(/(?<![\w+])\+(?=\d)/g, () => "plus ");

function magnitudeWord(text: string): string {
  return magnitudes[text.toLowerCase()] ?? text;
}
