import type { Score } from "../score.ts";
import type { Cancelling } from "./cancelling.ts";
import { median } from "./spoken.ts";

/** What a cancelled clause still costs. */
export function cancelScores(language: "en" | "zh", voice: string, { slicesAfter, delaysMs }: Cancelling, aimMs: number): readonly Score[] {
  const set = { name: "a clause of four sentences", kind: "authored", size: `${delaysMs.length} cancels at different moments` } as const;
  return [
    {
      id: `orphan-${language}`,
      what: `${voice}: delay of the next answer by the run that a cancel leaves behind, longest`,
      set,
      value: Math.max(...delaysMs),
      unit: "ms",
      better: "lower",
      aim: aimMs,
      spread: { low: Math.min(...delaysMs), high: median(delaysMs), of: "least to median" },
      note: "One worker thread, so that the next answer waits for the run; from the cancel to the first audio, less that time on an idle voice.",
    },
    {
      id: `after-cancel-${language}`,
      what: `${voice}: slices that come out after a cancel`,
      set,
      value: slicesAfter,
      unit: "",
      better: "lower",
      aim: 0,
    },
  ];
}
