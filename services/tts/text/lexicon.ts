import type { LexiconEntry, LexiconTable } from "./language-data.ts";
import type { ReadingContext } from "./reading-context.ts";
import { primaryStress, type StressLevel, secondaryStress, withStress } from "./stress.ts";

/** The pronouncing dictionaries: gold is checked by people, silver is larger and less sure. */
export interface Lexicon {
  readonly gold: ReadonlyMap<string, LexiconEntry>;
  readonly silver: ReadonlyMap<string, LexiconEntry>;
}

/** How a word is to be read. */
export interface WordQuery {
  /** Penn Treebank; null when unknown. */
  readonly tag: string | null;
  readonly stress: StressLevel | null;
  /** null inside numbers, where nothing depends on what follows. */
  readonly context: ReadingContext | null;
}

export const plainQuery: WordQuery = { tag: null, stress: null, context: null };

export function createLexicon(gold: LexiconTable, silver: LexiconTable): Lexicon {
  return { gold: new Map(Object.entries(gold)), silver: new Map(Object.entries(silver)) };
}

/** An entry of one dictionary; a lower-case word also finds its capitalised entry, and the other way round. */
export function findEntry(table: ReadonlyMap<string, LexiconEntry>, word: string): LexiconEntry | undefined {
  const exact = table.get(word);
  if (exact !== undefined || word.length < 2) return exact;
  const lower = word.toLowerCase();
  const capitalized = lower.charAt(0).toUpperCase() + lower.slice(1);
  if (word === lower) return capitalized === word ? undefined : table.get(capitalized);
  return word === capitalized ? table.get(lower) : undefined;
}

export function isListed(lexicon: Lexicon, word: string): boolean {
  return findEntry(lexicon.gold, word) !== undefined || findEntry(lexicon.silver, word) !== undefined;
}

/** Whether `look` has an answer for the word: listed, a single letter, a listed word in capitals or an initialism. */
export function isReadable(lexicon: Lexicon, word: string): boolean {
  if (symbolWords.has(word) || isListed(lexicon, word)) return true;
  if (!/^[A-Za-z]+$/.test(word)) return false;
  if (word.length === 1) return true;
  if (word === word.toUpperCase() && findEntry(lexicon.gold, word.toLowerCase()) !== undefined) return true;
  return word.slice(1) === word.slice(1).toUpperCase();
}

/** The listed reading of a word for its part of speech, or its letters. */
export function look(lexicon: Lexicon, written: string, query: WordQuery): string | undefined {
  let word = written;
  let isName = false;
  if (word === word.toUpperCase() && findEntry(lexicon.gold, word) === undefined) {
    word = word.toLowerCase();
    isName = query.tag === "NNP";
  }
  const entry = findEntry(lexicon.gold, word) ?? (isName ? undefined : findEntry(lexicon.silver, word));
  const phones = entry === undefined ? null : readingFor(entry, query);
  if (phones === null || (isName && !phones.includes(primaryStress))) {
    const letters = spellLetters(lexicon, word);
    if (letters !== undefined || phones === null) return letters;
  }
  return withStress(phones, query.stress);
}

/** An initialism letter by letter, the last one stressed; undefined when a letter has no name. */
export function spellLetters(lexicon: Lexicon, word: string): string | undefined {
  let phones = "";
  for (const character of word) {
    if (!/\p{L}/u.test(character)) continue;
    const name = findEntry(lexicon.gold, character.toUpperCase());
    if (typeof name !== "string") return undefined;
    phones += name;
  }
  phones = withStress(phones, 0);
  const last = phones.lastIndexOf(secondaryStress);
  return last < 0 ? phones : phones.slice(0, last) + primaryStress + phones.slice(last + 1);
}

/** Symbols that are read as a word of their own. */
export const symbolWords: ReadonlyMap<string, string> = new Map([
  ["%", "percent"],
  ["&", "and"],
  ["+", "plus"],
  ["@", "at"],
]);

function readingFor(entry: LexiconEntry, { tag, context }: WordQuery): string | null {
  if (typeof entry === "string") return entry;
  if (context?.vowelFollows === null && "None" in entry) return entry.None ?? null;
  const key = tag !== null && tag in entry ? tag : broadTag(tag);
  return (key !== null && key in entry ? entry[key] : entry.DEFAULT) ?? null;
}

/** Penn Treebank tags to the broad classes of the dictionaries. */
export function broadTag(tag: string | null): string | null {
  if (tag === null) return null;
  if (tag.startsWith("VB")) return "VERB";
  if (tag.startsWith("NN")) return "NOUN";
  if (tag.startsWith("RB") || tag.startsWith("ADV")) return "ADV";
  if (tag.startsWith("JJ") || tag.startsWith("ADJ")) return "ADJ";
  return tag;
}
