import { isListed, isReadable, type Lexicon, look, type WordQuery } from "./lexicon.ts";
import type { ReadingContext } from "./reading-context.ts";
import { readSpecialWord } from "./special-words.ts";
import { readPastForm, readPluralForm, readProgressiveForm } from "./suffixes.ts";

/** A word as the dictionaries know it: special, listed, possessive or inflected; undefined when they don't. */
export function readWord(
  lexicon: Lexicon,
  written: string,
  query: WordQuery & { readonly tag: string; readonly context: ReadingContext },
): string | undefined {
  const special = readSpecialWord(lexicon, written, query);
  if (special !== undefined) return special;
  const word = isLowerable(lexicon, written, query) ? written.toLowerCase() : written;
  if (isReadable(lexicon, word)) return look(lexicon, word, query);
  if (word.endsWith("s'") && isReadable(lexicon, `${word.slice(0, -2)}'s`)) return look(lexicon, `${word.slice(0, -2)}'s`, query);
  if (word.endsWith("'") && isReadable(lexicon, word.slice(0, -1))) return look(lexicon, word.slice(0, -1), query);
  return (
    readPluralForm(lexicon, word, query) ??
    readPastForm(lexicon, word, query) ??
    readProgressiveForm(lexicon, word, { ...query, stress: query.stress ?? 0.5 })
  );
}

/** A capitalised or all-capitals word that only its lower-case form has a reading for, names of up to seven letters apart. */
function isLowerable(lexicon: Lexicon, word: string, query: WordQuery): boolean {
  const lower = word.toLowerCase();
  if (word.length < 2 || word === lower || !/^\p{L}+$/u.test(word.replaceAll("'", ""))) return false;
  if (query.tag === "NNP" && word.length <= 7) return false;
  if (isListed(lexicon, word)) return false;
  if (word !== word.toUpperCase() && word.slice(1) !== lower.slice(1)) return false;
  return (
    isListed(lexicon, lower) ||
    [readPluralForm, readPastForm, readProgressiveForm].some((read) => read(lexicon, lower, query) !== undefined)
  );
}
