import type { SpokenWord } from "../../text/grapheme-to-phoneme.ts";
import { nameOfLetter } from "../../text/mandarin/letters.ts";
import type { SpokenPart } from "../../text/mandarin/mandarin.ts";
import { symbolsOf } from "../../text/mandarin/syllable.ts";
import { groupChunks } from "../../text/spoken-chunks.ts";
import { alignWords } from "../../text/word-alignment.ts";

/** A clause as a voice is to say it. */
export interface SpokenText {
  /** As written, marks included. */
  readonly words: readonly string[];
  readonly pieces: readonly SpokenPiece[];
}

export interface SpokenPiece {
  /** Of Kokoro's alphabet, marks and spaces included. */
  readonly symbols: string;
  /** Index into words; -1 for what belongs to none. */
  readonly word: number;
}

/** English text read by the English front end. */
export function layOutEnglish(written: string, spoken: readonly SpokenWord[]): SpokenText {
  const chunks = groupChunks(spoken);
  const words = alignWords(
    written.split(/\s+/u).filter((word) => word !== ""),
    chunks.map(({ text }) => text),
  );
  const pieces = chunks.map(({ phones }, index) => ({
    symbols: index < chunks.length - 1 ? `${phones} ` : phones,
    word: words.findIndex(({ from, to }) => index >= from && index < to),
  }));
  return { words: words.map(({ text }) => text), pieces };
}

/** Says a run of Latin words; the English front end. */
export type LatinReader = (text: string) => Promise<readonly SpokenWord[]>;

/**
 * Mandarin parts as pieces. Words that were written together ("2024年") are one written word; a mark belongs to the word before it,
 * an opening bracket to the one after.
 */
export async function layOutMandarin(written: string, parts: readonly SpokenPart[], readLatin: LatinReader): Promise<SpokenText> {
  const pieces: SpokenPiece[] = [];
  const spans: { from: number; to: number }[] = [];
  const wordAt = (from: number, to: number): number => {
    const last = spans.at(-1);
    if (last && from < last.to) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
    return spans.length - 1;
  };
  for (const part of parts) {
    if (part.kind === "mark") pieces.push({ symbols: spacedMark(part.mark), word: -1 });
    else if (part.kind === "mandarin") {
      const symbols = part.word.syllables.map(symbolsOf).join("");
      if (symbols !== "") pieces.push({ symbols: ` ${symbols}`, word: wordAt(part.from, part.to) });
    } else {
      const letter = nameOfLetter(part.text);
      const spoken = letter === undefined ? await readLatin(part.text) : [{ text: part.text, phones: letter, spaceAfter: false }];
      for (const { symbols, from, to } of placeLatin(written, part, groupChunks(spoken))) pieces.push({ symbols, word: wordAt(from, to) });
    }
  }
  return { words: writtenWords(written, spans), pieces };
}

/** The words of a Latin run where they were written; what cannot be found there has the place of the run. */
function placeLatin(written: string, { from, to }: { readonly from: number; readonly to: number }, chunks: ReturnType<typeof groupChunks>) {
  const run = written.slice(from, to);
  const aligned = alignWords(
    run.split(/\s+/u).filter((word) => word !== ""),
    chunks.map(({ text }) => text),
  );
  let position = 0;
  return aligned.map(({ text, from: first, to: end }) => {
    const at = run.indexOf(text, position);
    position = at < 0 ? position : at + text.length;
    const symbols = chunks.slice(first, end).map(({ phones }) => ` ${phones}`);
    const place = at < 0 ? { from, to } : { from: from + at, to: from + position };
    return { symbols: symbols.join(""), ...place };
  });
}

function spacedMark(mark: string): string {
  return /[“(]/.test(mark) ? ` ${mark}` : mark;
}

/** Each word with the marks after it, up to an opening bracket or the next word. */
function writtenWords(written: string, spans: readonly { readonly from: number; readonly to: number }[]): readonly string[] {
  const starts = spans.map(({ from }, index) => {
    const between = index === 0 ? written.slice(0, from) : written.slice((spans[index - 1] as { to: number }).to, from);
    const opening = /[“‘「『《【（([{<][^”’」』》】）)\]}>]*$/u.exec(between)?.[0] ?? "";
    return index === 0 ? 0 : from - opening.length;
  });
  return spans.map((_, index) => written.slice(starts[index], starts[index + 1] ?? written.length).trim());
}
