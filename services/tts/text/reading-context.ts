import { consonants, pausePunctuation, vowels } from "./phone-classes.ts";

/** What follows a word, as far as its own reading depends on it. */
export interface ReadingContext {
  /** Whether the next phone is a vowel; null before a pause or at the end. */
  readonly vowelFollows: boolean | null;
  readonly toFollows: boolean;
}

export const endOfText: ReadingContext = { vowelFollows: null, toFollows: false };

/** The context of the word before one that was just read. */
export function contextBefore(
  word: { readonly text: string; readonly tag: string },
  phones: string,
  after: ReadingContext,
): ReadingContext {
  const first = [...phones].find((phone) => vowels.has(phone) || consonants.has(phone) || pausePunctuation.has(phone));
  return {
    vowelFollows: first === undefined ? after.vowelFollows : pausePunctuation.has(first) ? null : vowels.has(first),
    toFollows: /^[Tt]o$/.test(word.text) || (word.text === "TO" && ["TO", "IN"].includes(word.tag)),
  };
}
