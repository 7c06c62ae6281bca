import { readAddresses } from "./addresses.ts";
import { plainCharacters } from "./characters.ts";
import { readCodes } from "./codes.ts";
import { type MappedRewrite, type MappedText, rewriteAll } from "./mapped-text.ts";
import { readNumbers, readQuantities } from "./quantities.ts";
import { readTimesAndDates } from "./times-and-dates.ts";

/** Signs between words; what is in no list is not said. */
const readSigns: readonly MappedRewrite[] = [
  rewriteAll(/(?<=\p{Script=Han})\s*&\s*(?=\p{Script=Han})/gu, () => "和"),
  rewriteAll(/(?<=\p{Script=Han})\s*[/|\\]\s*(?=\p{Script=Han})/gu, () => "，"),
  rewriteAll(/\.{3,}|。{2,}|…+/g, () => "…"),
  rewriteAll(/—+|-{2,}|─+/g, () => "—"),
  rewriteAll(/([，。！？；：、,!?;:])[，。！？；：、,!?;:]+/g, ([, first]) => first),
  rewriteAll(/·/g, () => ""),
];

const steps: readonly MappedRewrite[] = [
  ...plainCharacters,
  ...readAddresses,
  ...readTimesAndDates,
  ...readCodes,
  ...readQuantities,
  ...readNumbers,
  ...readSigns,
];

/** Written to spoken Mandarin: numbers, dates, times, money, units, telephone numbers, addresses and signs become words. */
export function normalizeMandarin(text: MappedText): MappedText {
  return steps.reduce((current, step) => step(current), text);
}
