import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A pronunciation, or one per part of speech ("DEFAULT" always there; "None" = before a pause). null = spell the letters. */
export type LexiconEntry = string | Readonly<Record<string, string | null>>;
export type LexiconTable = Readonly<Record<string, LexiconEntry>>;

/** Word tables of the text normalisation; a pair is [singular, plural]. */
export interface NormalizationTables {
  readonly months: Readonly<Record<string, string>>;
  readonly titles: Readonly<Record<string, string>>;
  readonly abbreviations: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, readonly [string, string]>>;
  readonly symbols: Readonly<Record<string, string>>;
  readonly currency: Readonly<Record<string, readonly [string, string]>>;
  readonly roman_cardinal: readonly string[];
  readonly roman_ordinal: readonly string[];
}

/** An averaged perceptron over Penn Treebank tags: feature -> tag -> weight. */
export interface TaggerTables {
  readonly tags: readonly string[];
  readonly tagdict: Readonly<Record<string, string>>;
  readonly vocab?: readonly string[];
  readonly weights: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Characters in and phones out of the network for unknown words; ids start at 1, 0 is the blank. */
export interface OovTables {
  readonly in: readonly string[];
  readonly out: readonly string[];
  readonly maxlen: number;
}

/** The data files of an English voice. */
export interface LanguageData {
  readonly gold: LexiconTable;
  readonly silver: LexiconTable;
  readonly normalization: NormalizationTables;
  readonly tagger: TaggerTables;
  readonly tokenizerExceptions: Readonly<Record<string, readonly string[]>>;
  readonly oov: OovTables;
}

/** Reads the data files; `file` maps a name to an absolute path. */
export function readLanguageData(file: (name: string) => string): LanguageData {
  return {
    gold: readJson(file("lexicon_us_gold.json.gz")),
    silver: readJson(file("lexicon_us_silver.json.gz")),
    normalization: readJson(file("normalize.json")),
    tagger: readJson(file("tagger.json.gz")),
    tokenizerExceptions: readJson(file("tokenizer_exceptions.json")),
    oov: readJson(file("oov.json")),
  };
}

/** A JSON file, gunzipped when its name ends in .gz. */
export function readJson<T>(path: string): T {
  const bytes = readFileSync(path);
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")) as T;
}
