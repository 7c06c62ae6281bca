import type { ModelStore } from "@troupe/model-store";

/** What a score was measured on. */
export interface ScoreSet {
  readonly name: string;
  /** Whose material: people's, made by a program, or written for the purpose. */
  readonly kind: "human" | "synthetic" | "authored";
  /** How many of what, e.g. "517 prompts of one speaker". */
  readonly size: string;
}

/** A figure that stands beside a score to make sense of it. */
export interface Comparison {
  readonly name: string;
  readonly value: number;
}

/** One figure of quality. */
export interface Score {
  /** Unique within its area, kebab-case: "wer-clean". */
  readonly id: string;
  /** In plain words. */
  readonly what: string;
  readonly set: ScoreSet;
  readonly value: number;
  /** "%", "ms", "x real time", …; shares are in per cent. */
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** The bound to be met. */
  readonly aim?: number;
  /** The naive way to do the same. */
  readonly baseline?: Comparison;
  /** What must fail: shuffled, shifted or empty input. */
  readonly control?: Comparison;
  /** Of the single figures behind `value`, in its unit. */
  readonly spread?: { readonly low: number; readonly high: number; readonly of: string };
  /** What a reader must know to read it right. */
  readonly note?: string;
}

export interface ScoreContext {
  readonly models: ModelStore;
  /** Where data sets are kept; see defaultCacheDir. */
  readonly cacheDir: string;
  /** For files worth looking at or listening to; exists. */
  readonly outDir: string;
  /** Items taken from each set; undefined: all. */
  readonly limit: number | undefined;
  /** Progress for people. */
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The scores of one stage. */
export interface ScoreArea {
  /** "asr" */
  readonly name: string;
  readonly description: string;
  /** How it is measured; paragraphs for the page in docs/results. */
  readonly method: readonly string[];
  measure(context: ScoreContext): AsyncIterable<Score>;
}

/** Whether the aim is met; undefined without one. */
export function meetsAim({ value, better, aim }: Score): boolean | undefined {
  if (aim === undefined) return undefined;
  return better === "higher" ? value >= aim : value <= aim;
}
