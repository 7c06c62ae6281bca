import { longPhones, vowels } from "./phone-classes.ts";

export const primaryStress = "ˈ";
export const secondaryStress = "ˌ";

/**
 * How much stress a reading gets, after misaki's lexicon rules: -2 none, -1 weakened, -0.5 and 0 weakened when there is a primary
 * stress, 0 to 1 a secondary stress when there is none, 1 and more a primary stress out of a secondary one, 2 one where there is none.
 */
export type StressLevel = -2 | -1 | -0.5 | 0 | 0.5 | 1 | 2;

/** The reading with its stress raised or lowered; null leaves it as it is. */
export function withStress(phones: string, level: StressLevel | null): string {
  if (level === null) return phones;
  const hasPrimary = phones.includes(primaryStress);
  const hasSecondary = phones.includes(secondaryStress);
  if (level === -2) return phones.replaceAll(primaryStress, "").replaceAll(secondaryStress, "");
  if (level === -1 || (level <= 0 && hasPrimary)) {
    return phones.replaceAll(secondaryStress, "").replaceAll(primaryStress, secondaryStress);
  }
  if (level === -0.5 || hasPrimary) return phones;
  if (hasSecondary) return level >= 1 ? phones.replaceAll(secondaryStress, primaryStress) : phones;
  return markFirstVowel(phones, level > 1 ? primaryStress : secondaryStress);
}

/** A measure of length: long phones count twice. */
export function stressWeight(phones: string): number {
  let weight = 0;
  for (const phone of phones) weight += longPhones.has(phone) ? 2 : 1;
  return weight;
}

function markFirstVowel(phones: string, mark: string): string {
  const characters = [...phones];
  const first = characters.findIndex((character) => vowels.has(character));
  if (first < 0) return phones;
  characters.splice(first, 0, mark);
  return characters.join("");
}
