import type { SpokenWord } from "../../text/grapheme-to-phoneme.ts";
import { type AlignedWord, alignWords } from "../../text/word-alignment.ts";
import { kindOf } from "./alphabet.ts";

/** What one inference speaks. */
export interface SpeechRun {
  /** Of the voice's alphabet. */
  readonly symbols: readonly string[];
  /** Per symbol: index into the plan's words, -1 for what belongs to none. */
  readonly wordOf: readonly number[];
  /** The pause after it. */
  readonly ending: "sentence" | "clause" | "none";
}

export interface SpeechPlan {
  /** As written. */
  readonly words: readonly string[];
  readonly runs: readonly SpeechRun[];
}

/** About 15 words or six seconds; what fits is one run. */
const comfortableSymbols = 110;
/** One run never holds more; about ten seconds, the longest that the voice speaks well without a pause. */
const mostSymbols = 170;

/** Lays out a clause: symbols with the word each belongs to, in runs that end at punctuation, or else between words. */
export function planSpeech(written: string, spoken: readonly SpokenWord[], isKnown: (symbol: string) => boolean): SpeechPlan {
  const chunks = groupChunks(spoken);
  const words = alignWords(
    written.split(/\s+/u).filter((word) => word !== ""),
    chunks.map((chunk) => chunk.text),
  );
  const symbols: string[] = [];
  const wordOf: number[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const word = words.findIndex((candidate) => index >= candidate.from && index < candidate.to);
    for (const symbol of `${chunk.phones}${index < chunks.length - 1 ? " " : ""}`) {
      if (!isKnown(symbol) || (symbol === " " && symbols.at(-1) === " ")) continue;
      symbols.push(symbol);
      wordOf.push(kindOf(symbol) === "phone" || kindOf(symbol) === "stress" ? word : -1);
    }
  }
  return { words: words.map((word: AlignedWord) => word.text), runs: cutRuns(symbols, wordOf) };
}

/** Spoken words that no space separates, together. */
function groupChunks(spoken: readonly SpokenWord[]): { text: string; phones: string }[] {
  const chunks: { text: string; phones: string }[] = [];
  let open = false;
  for (const word of spoken) {
    const last = chunks.at(-1);
    if (open && last) {
      last.text += word.text;
      last.phones += word.phones;
    } else {
      chunks.push({ text: word.text, phones: word.phones });
    }
    open = !word.spaceAfter;
  }
  return chunks;
}

function cutRuns(symbols: readonly string[], wordOf: readonly number[]): SpeechRun[] {
  const runs: SpeechRun[] = [];
  for (let from = 0; from < symbols.length; ) {
    const to = symbols.length - from <= comfortableSymbols ? symbols.length : from + cutAfter(symbols.slice(from, from + mostSymbols));
    const run = { symbols: symbols.slice(from, to), wordOf: wordOf.slice(from, to) };
    if (run.symbols.some((symbol) => kindOf(symbol) === "phone")) runs.push({ ...run, ending: endingOf(run.symbols) });
    from = to;
  }
  return runs;
}

/** How many symbols the next run takes: to the last punctuation within comfort, to the first one beyond it, or to the last word that fits. */
function cutAfter(symbols: readonly string[]): number {
  const breaks = symbols.flatMap((symbol, index) => (kindOf(symbol) === "pause" && symbols[index + 1] === " " ? [index + 2] : []));
  const early = breaks.findLast((index) => index <= comfortableSymbols && index > comfortableSymbols / 4);
  const cut = early ?? breaks.find((index) => index > comfortableSymbols) ?? symbols.lastIndexOf(" ", comfortableSymbols) + 1;
  return cut > 0 ? cut : symbols.length;
}

function endingOf(symbols: readonly string[]): SpeechRun["ending"] {
  const last = symbols.findLast((symbol) => kindOf(symbol) !== "gap") ?? "";
  if (/[.!?…]/.test(last)) return "sentence";
  return kindOf(last) === "pause" ? "clause" : "none";
}
