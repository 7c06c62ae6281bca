import type { LanguageData } from "./language-data.ts";
import { createLexicon, type Lexicon } from "./lexicon.ts";
import { isNumber, readNumber } from "./number-reading.ts";
import type { WordGuesser } from "./oov-network.ts";
import type { Reading } from "./pronunciations.ts";
import { contextBefore, endOfText, type ReadingContext } from "./reading-context.ts";
import { createTagger } from "./tagger.ts";
import { createToken, joinPhones, mergeTokens, type Token } from "./token.ts";
import { tokenize } from "./tokenizer.ts";
import { readUnknown } from "./unknown-words.ts";
import { groupWords } from "./word-grouping.ts";
import { readWord } from "./word-reading.ts";
import { settleWordStress } from "./word-stress.ts";

/** A word as spoken, in the phone alphabet of the voice, punctuation included. */
export interface SpokenWord {
  readonly text: string;
  readonly phones: string;
  readonly spaceAfter: boolean;
}

/** Reads normalised English text; `readings` are names in it whose phones are given. */
export type GraphemeToPhoneme = (text: string, readings?: ReadonlyMap<string, Reading>) => Promise<SpokenWord[]>;

const noReadings: ReadonlyMap<string, Reading> = new Map();

/**
 * English text to phones in the manner of misaki, the phonemizer that Kokoro's voices were trained on: tokens, part-of-speech tags,
 * dictionaries with context rules from the end of the text backwards, a network for unknown words, then stress within each word.
 */
export function createGraphemeToPhoneme(data: LanguageData, guess: WordGuesser): GraphemeToPhoneme {
  const lexicon = createLexicon(data.gold, data.silver);
  const tag = createTagger(data.tagger);
  const exceptions = new Map(Object.entries(data.tokenizerExceptions));
  return async (text, readings = noReadings) => {
    const raw = tokenize(text, exceptions);
    const tags = tag(raw.map((token) => token.text));
    const words = groupWords(raw.map((token, index) => createToken(token.text, tags[index] as string, token.spaceAfter)));
    for (const token of words.flat()) token.phones ??= readings.get(token.text)?.phones;
    let context = endOfText;
    for (const word of words.toReversed()) context = await readGroup(lexicon, guess, word, context);
    return words.map((tokens) => ({
      text: asWritten(tokens, readings),
      phones: joinPhones(tokens).replaceAll("ɾ", "T").replaceAll("ʔ", "t"),
      spaceAfter: tokens.at(-1)?.spaceAfter ?? false,
    }));
  };
}

function asWritten(tokens: readonly Token[], readings: ReadonlyMap<string, Reading>): string {
  const { text } = mergeTokens(tokens);
  if (readings.size === 0) return text;
  return tokens.reduce((written, token) => written.replace(token.text, () => readings.get(token.text)?.written ?? token.text), text);
}

async function readGroup(lexicon: Lexicon, guess: WordGuesser, word: Token[], context: ReadingContext): Promise<ReadingContext> {
  const [single] = word as [Token];
  if (word.length > 1) return readCompound(lexicon, guess, word, context);
  single.phones ??= readToken(lexicon, single, context) ?? (await readUnknown(lexicon, guess, single.text));
  return contextBefore(single, single.phones, context);
}

/** Reads the longest known runs from the end; one unknown piece sends the whole word to the network. */
async function readCompound(lexicon: Lexicon, guess: WordGuesser, word: Token[], after: ReadingContext): Promise<ReadingContext> {
  const isPartlyGiven = word.some((token) => token.phones !== undefined);
  let context = after;
  for (let end = word.length; end > 0; ) {
    const run = longestRun(lexicon, word, end, context);
    if (run) {
      setPhones(word, run.start, end, run.phones);
      context = contextBefore(run.merged, run.phones, context);
      end = run.start;
      continue;
    }
    const piece = word[--end] as Token;
    if (piece.phones !== undefined) continue;
    if (isPartlyGiven) {
      piece.phones = isJoint(piece.text) ? "" : await readUnknown(lexicon, guess, piece.text);
      continue;
    }
    if (!isJoint(piece.text)) {
      setPhones(word, 0, word.length, await readUnknown(lexicon, guess, mergeTokens(word).text));
      return context;
    }
    piece.phones = "";
  }
  settleWordStress(word);
  return context;
}

/** More pieces than any listed compound or initialism has; keeps hostile text from costing its length squared. */
const longestRunTokens = 24;

function longestRun(lexicon: Lexicon, word: readonly Token[], end: number, context: ReadingContext) {
  for (let start = Math.max(0, end - longestRunTokens); start < end; start++) {
    const tokens = word.slice(start, end);
    if (tokens.some((token) => token.alias !== undefined || token.phones !== undefined)) continue;
    const merged = mergeTokens(tokens);
    const phones = readToken(lexicon, merged, context);
    if (phones !== undefined) return { start, phones, merged };
  }
  return undefined;
}

function setPhones(word: readonly Token[], start: number, end: number, phones: string): void {
  for (let index = start; index < end; index++) (word[index] as Token).phones = index === start ? phones : "";
}

function readToken(lexicon: Lexicon, token: Token, context: ReadingContext): string | undefined {
  const word = (token.alias ?? token.text)
    .replaceAll(/[‘’]/g, "'")
    .normalize("NFKC")
    .replace(/\p{Nd}/gu, (digit) => (digit <= "9" ? digit : digitValue(digit)));
  const stress = word === word.toLowerCase() ? null : word === word.toUpperCase() ? 2 : 0.5;
  const phones = readWord(lexicon, word, { tag: token.tag, stress, context });
  if (phones !== undefined) return token.currency === undefined ? phones : `${phones} ${readNumberUnit(lexicon, token.currency)}`;
  return isNumber(word, token.isHead) ? readNumber(lexicon, word, token.currency, token.isHead) : undefined;
}

/** The plural of a currency that follows a word ("$ten"). */
function readNumberUnit(lexicon: Lexicon, currency: string): string {
  const amount = readNumber(lexicon, "2", currency, true) ?? "";
  return amount.split(" ").at(-1) ?? "";
}

function digitValue(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero--;
  return String(code - zero);
}

function isJoint(text: string): boolean {
  return /^[',\-._‘’/]*$/.test(text);
}
