import { readFile } from "node:fs/promises";
import { z } from "zod";
import { createEncoder, type Encode } from "./byte-pair-encoding.ts";

/** Whisper's byte-pair vocabulary, for turning tokens into text. */
export interface Vocabulary {
  readonly startOfTranscript: number;
  readonly noTimestamps: number;
  /** Its probability at the start of the transcript says that nobody speaks. */
  readonly noSpeech: number;
  /** Ids from here on are control tokens and times, not text. */
  readonly endOfText: number;
  /** What a model of many languages is told after the start; undefined for a model of one. */
  readonly languages: LanguageTokens | undefined;
  /** The tokens that are a mark which ends a sentence, closing quotes and brackets included. */
  readonly sentenceEnds: readonly number[];
  startsWord(token: number): boolean;
  /** Whether it begins with the first byte of a character from U+4000 to U+9FFF. */
  startsHan(token: number): boolean;
  /** Incomplete UTF-8 at either end becomes U+FFFD. */
  decode(tokens: readonly number[]): string;
  /** The tokens of a word, with the space before it if it has one. */
  readonly encode: Encode;
}

export interface LanguageTokens {
  /** By BCP-47 primary subtag. */
  readonly tokens: ReadonlyMap<string, number>;
  /** Asks for the text as it is spoken, not translated. */
  readonly transcribe: number;
}

const schema = z.object({
  model: z.object({
    vocab: z.record(z.string(), z.int()),
    // Both forms occur: "a b" and ["a", "b"].
    merges: z.array(z.union([z.string().transform((pair) => pair.split(" ") as [string, string]), z.tuple([z.string(), z.string()])])),
  }),
  added_tokens: z.array(z.object({ id: z.int(), content: z.string() })),
});

/** An ellipsis ends nothing. */
const sentenceEnd = /^[.?!。？！]["'”’)\]」』]*$/u;

/**
 * @param path a tokenizer.json with a byte-level BPE model
 * @param multilingual what the model is; the tokenizers of models of one language list the others' tokens as well
 */
export async function readVocabulary(path: string, multilingual: boolean): Promise<Vocabulary> {
  const tokenizer = schema.parse(JSON.parse(await readFile(path, "utf8")));
  const special = new Map(tokenizer.added_tokens.map((token) => [token.content, token.id]));
  const specialId = (...names: readonly string[]): number => {
    const name = names.find((candidate) => special.has(candidate));
    if (name === undefined) throw new Error(`${path} has no token ${names.join(" or ")}`);
    return special.get(name) as number;
  };
  const byteOf = byteAlphabet();
  const bytes: Uint8Array[] = [];
  for (const [text, id] of Object.entries(tokenizer.model.vocab)) {
    bytes[id] = Uint8Array.from(text, (character) => byteOf.get(character) ?? 0x3f);
  }
  const standIns = [...byteOf].sort(([, one], [, other]) => one - other).map(([character]) => character);
  const decoder = new TextDecoder();
  const endOfText = specialId("<|endoftext|>");
  return {
    startOfTranscript: specialId("<|startoftranscript|>"),
    noTimestamps: specialId("<|notimestamps|>"),
    noSpeech: specialId("<|nospeech|>", "<|nocaptions|>"),
    endOfText,
    languages: multilingual ? languageTokens(special, specialId("<|transcribe|>")) : undefined,
    sentenceEnds: bytes.flatMap((text, id) => (id < endOfText && sentenceEnd.test(decoder.decode(text)) ? [id] : [])),
    encode: createEncoder(tokenizer.model.vocab, tokenizer.model.merges, standIns),
    startsWord: (token) => bytes[token]?.[0] === 0x20,
    startsHan: (token) => (bytes[token]?.[0] ?? 0) >= 0xe4 && (bytes[token]?.[0] ?? 0) <= 0xe9,
    decode: (tokens) => decoder.decode(Buffer.concat(tokens.map((token) => bytes[token] ?? new Uint8Array()))),
  };
}

function languageTokens(special: ReadonlyMap<string, number>, transcribe: number): LanguageTokens {
  const tokens = new Map<string, number>();
  for (const [content, id] of special) {
    const subtag = /^<\|([a-z]{2,3})\|>$/.exec(content)?.[1];
    if (subtag !== undefined) tokens.set(subtag, id);
  }
  return { tokens, transcribe };
}

/** GPT-2's printable stand-ins for bytes: printable Latin-1 stands for itself, the rest follows from U+0100 on. */
function byteAlphabet(): ReadonlyMap<string, number> {
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    alphabet.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return alphabet;
}
