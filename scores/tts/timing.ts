import type { Score, ScoreSet } from "../score.ts";
import { median, quantile, type Spoken } from "./spoken.ts";

export interface Timed {
  readonly language: "en" | "zh";
  readonly voice: string;
  readonly spoken: readonly Spoken[];
  /** Of the time to the first audio's median, in ms. */
  readonly aimMs?: number;
}

/** Real-time factor and time to the first audio of whole clauses, one at a time on one inference thread. */
export function timingScores({ language, voice, spoken, aimMs }: Timed): readonly Score[] {
  const factors = spoken.map(({ totalMs, audioMs }) => totalMs / audioMs);
  const firsts = spoken.map(({ firstMs }) => firstMs);
  const audioS = spoken.reduce((sum, { audioMs }) => sum + audioMs, 0) / 1000;
  const set: ScoreSet = {
    name: `scores/tts/sentences-${language}.txt`,
    kind: "authored",
    size: `${spoken.length} clauses, ${audioS.toFixed(0)} s of speech`,
  };
  const spread = (values: readonly number[]) => ({
    low: quantile(values, 0.05),
    high: quantile(values, 0.95),
    of: "5th to 95th percentile",
  });
  return [
    {
      id: `real-time-factor-${language}`,
      what: `${voice}: time to speak a clause over its length, median`,
      set,
      value: median(factors),
      unit: "x real time",
      better: "lower",
      spread: spread(factors),
    },
    {
      id: `first-audio-${language}`,
      what: `${voice}: time to the first audio of a clause, median`,
      set,
      value: median(firsts),
      unit: "ms",
      better: "lower",
      ...(aimMs !== undefined && { aim: aimMs }),
      spread: spread(firsts),
    },
  ];
}
