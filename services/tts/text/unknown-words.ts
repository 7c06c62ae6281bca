import type { Lexicon } from "./lexicon.ts";
import { readNumber } from "./number-reading.ts";
import type { WordGuesser } from "./oov-network.ts";

const piece = /\p{L}+(?:['’]\p{L}+)*|[0-9]+(?:[,.][0-9]+)*|[^\p{L}\p{N}\s_]+/gu;
const symbolPhones: Readonly<Record<string, string>> = {
  "/": "slˈæʃ",
  "=": "ˈikwᵊlz",
  "+": "plˈʌs",
  "&": "ænd",
  "@": "æt",
  "%": "pəɹsˈɛnt",
  "#": "hˈæʃ",
  "*": "ˈæstəɹˌɪsk",
  "~": "tˈɪldə",
  "^": "kˈɛɹət",
  "<": "lˈɛs ðən",
  ">": "ɡɹˈATəɹ ðən",
  "—": "—",
};

/** Reads what the dictionaries don't know: letters through the network, digits as a code, a few symbols by name. */
export async function readUnknown(lexicon: Lexicon, guess: WordGuesser, text: string): Promise<string> {
  const phones: string[] = [];
  for (const [part] of text.matchAll(piece)) {
    const read = await readPiece(lexicon, guess, part);
    if (read) phones.push(read);
  }
  return phones.join(" ");
}

async function readPiece(lexicon: Lexicon, guess: WordGuesser, part: string): Promise<string | undefined> {
  if (/^[0-9]/.test(part)) return readNumber(lexicon, part, undefined, false);
  if (/^\p{L}/u.test(part)) return guess(part);
  return [...part].map((symbol) => symbolPhones[symbol] ?? "").join("");
}
