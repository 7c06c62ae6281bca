import { kindOf } from "./alphabet.ts";
import type { SpokenText } from "./spoken-text.ts";

/** What the prosody graph plans at once: prosody is one breath, at most 510 symbols long. */
export interface SpeechRun {
  /** Of Kokoro's alphabet; no symbol is unknown to the model. */
  readonly symbols: readonly string[];
  /** Per symbol: index into the clause's words, -1 for what belongs to none. */
  readonly wordOf: readonly number[];
  /** The pause after it. */
  readonly ending: "sentence" | "clause" | "none";
}

/** About seven seconds; what fits is one run. */
const comfortableSymbols = 150;
/** A run that finds no mark to end at ends between words before this. */
const mostSymbols = 220;

/** The symbols of a clause in runs that end at marks, or else between words. Runs without a phone are left out. */
export function cutRuns({ pieces }: SpokenText, isKnown: (symbol: string) => boolean): readonly SpeechRun[] {
  const symbols: string[] = [];
  const wordOf: number[] = [];
  for (const piece of pieces) {
    for (const symbol of piece.symbols) {
      if (!isKnown(symbol) || (symbol === " " && (symbols.length === 0 || symbols.at(-1) === " "))) continue;
      symbols.push(symbol);
      wordOf.push(["pause", "gap"].includes(kindOf(symbol)) ? -1 : piece.word);
    }
  }
  const runs: SpeechRun[] = [];
  for (let from = 0; from < symbols.length; ) {
    const to = symbols.length - from <= comfortableSymbols ? symbols.length : from + cutAfter(symbols.slice(from, from + mostSymbols));
    const part = trimGaps(symbols.slice(from, to), wordOf.slice(from, to));
    if (part.symbols.some((symbol) => kindOf(symbol) === "phone")) runs.push({ ...part, ending: endingOf(part.symbols) });
    from = to;
  }
  return runs;
}

/** How many symbols the next run takes: to the last mark within comfort, the first beyond it, or the last word that fits. */
function cutAfter(symbols: readonly string[]): number {
  const ends = symbols.flatMap((symbol, index) => (kindOf(symbol) === "pause" && symbols[index + 1] === " " ? [index + 1] : []));
  const early = ends.findLast((index) => index <= comfortableSymbols && index > comfortableSymbols / 4);
  const cut = early ?? ends.find((index) => index > comfortableSymbols) ?? symbols.lastIndexOf(" ", comfortableSymbols);
  return cut > 0 ? cut : Math.min(symbols.length, comfortableSymbols);
}

function trimGaps(symbols: readonly string[], wordOf: readonly number[]) {
  const from = symbols.findIndex((symbol) => symbol !== " ");
  const to = symbols.findLastIndex((symbol) => symbol !== " ") + 1;
  return from < 0 ? { symbols: [], wordOf: [] } : { symbols: symbols.slice(from, to), wordOf: wordOf.slice(from, to) };
}

function endingOf(symbols: readonly string[]): SpeechRun["ending"] {
  const last = symbols.findLast((symbol) => kindOf(symbol) !== "gap") ?? "";
  if (/[.!?…]/.test(last)) return "sentence";
  return kindOf(last) === "pause" ? "clause" : "none";
}
