import type { SpokenWord } from "../../text/grapheme-to-phoneme.ts";
import { groupChunks } from "../../text/spoken-chunks.ts";
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

/** How much one run may hold, in symbols. */
export interface RunLimits {
  /** What fits is one run. */
  readonly comfortable: number;
  /** Never more. */
  readonly most: number;
}

/** About 15 words or six seconds; ten seconds is the longest that the voice speaks well without a pause. */
export const longestRuns: RunLimits = { comfortable: 110, most: 170 };
const shortestRuns: RunLimits = { comfortable: 30, most: 45 };

/** Limits under which a run, which cannot be aborted, takes about `budgetMs` on this machine. */
export function runLimits(msPerSymbol: number, budgetMs: number): RunLimits {
  const comfortable = Math.round(Math.min(longestRuns.comfortable, Math.max(shortestRuns.comfortable, budgetMs / msPerSymbol)));
  return { comfortable, most: Math.round(comfortable * (longestRuns.most / longestRuns.comfortable)) };
}

/** Lays out a clause: symbols with the word each belongs to, in runs that end at punctuation, or else between words. */
export function planSpeech(
  written: string,
  spoken: readonly SpokenWord[],
  isKnown: (symbol: string) => boolean,
  limits: RunLimits = longestRuns,
): SpeechPlan {
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
  return { words: words.map((word: AlignedWord) => word.text), runs: cutRuns(symbols, wordOf, limits) };
}

function cutRuns(symbols: readonly string[], wordOf: readonly number[], limits: RunLimits): SpeechRun[] {
  const runs: SpeechRun[] = [];
  for (let from = 0; from < symbols.length; ) {
    const to =
      symbols.length - from <= limits.comfortable
        ? symbols.length
        : from + cutAfter(symbols.slice(from, from + limits.most), limits.comfortable);
    const run = { symbols: symbols.slice(from, to), wordOf: wordOf.slice(from, to) };
    if (run.symbols.some((symbol) => kindOf(symbol) === "phone")) runs.push({ ...run, ending: endingOf(run.symbols) });
    from = to;
  }
  return runs;
}

/** How many symbols the next run takes: to the last punctuation within comfort, to the first one beyond it, or to the last word that fits. */
function cutAfter(symbols: readonly string[], comfortable: number): number {
  const breaks = symbols.flatMap((symbol, index) => (kindOf(symbol) === "pause" && symbols[index + 1] === " " ? [index + 2] : []));
  const early = breaks.findLast((index) => index <= comfortable && index > comfortable / 4);
  const cut = early ?? breaks.find((index) => index > comfortable) ?? symbols.lastIndexOf(" ", comfortable) + 1;
  return cut > 0 ? cut : symbols.length;
}

function endingOf(symbols: readonly string[]): SpeechRun["ending"] {
  const last = symbols.findLast((symbol) => kindOf(symbol) !== "gap") ?? "";
  if (/[.!?…]/.test(last)) return "sentence";
  return kindOf(last) === "pause" ? "clause" : "none";
}
