import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Whisper's byte-pair vocabulary, for turning tokens into text. */
export interface Vocabulary {
  readonly startOfTranscript: number;
  readonly noTimestamps: number;
  /** Its probability at the start of the transcript says that nobody speaks. */
  readonly noSpeech: number;
  /** Ids from here on are control tokens and times, not text. */
  readonly endOfText: number;
  startsWord(token: number): boolean;
  /** Incomplete UTF-8 at either end becomes U+FFFD. */
  decode(tokens: readonly number[]): string;
}

const schema = z.object({
  model: z.object({ vocab: z.record(z.string(), z.int()) }),
  added_tokens: z.array(z.object({ id: z.int(), content: z.string() })),
});

/** @param path a tokenizer.json with a byte-level BPE model */
export async function readVocabulary(path: string): Promise<Vocabulary> {
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
  const decoder = new TextDecoder();
  return {
    startOfTranscript: specialId("<|startoftranscript|>"),
    noTimestamps: specialId("<|notimestamps|>"),
    noSpeech: specialId("<|nospeech|>", "<|nocaptions|>"),
    endOfText: specialId("<|endoftext|>"),
    startsWord: (token) => bytes[token]?.[0] === 0x20,
    decode: (tokens) => decoder.decode(Buffer.concat(tokens.map((token) => bytes[token] ?? new Uint8Array()))),
  };
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
