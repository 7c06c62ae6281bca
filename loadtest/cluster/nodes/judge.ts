import { longestGap } from "../../live/protocol/unit-log.ts";

/** A question and what became of it, as its client saw it. Milliseconds of `performance.now()`. */
export interface Turn {
  /** End of the words. */
  readonly endMs: number;
  /** When its answer was over, or was given up. */
  readonly overMs: number;
  /** Whether an answer was presented to its end. */
  readonly answered: boolean;
  /** What the server told meanwhile, where no answer came: milliseconds after the words, and what. */
  readonly told?: readonly string[];
}

/** All that is judged by: what one client saw and heard. */
export interface ClientLog {
  readonly turns: readonly Turn[];
  /** When something audible came. */
  readonly audibleMs: readonly number[];
  /** When a stage of the session was said to have moved. */
  readonly movedMs: readonly number[];
  /** When the person was told to wait. */
  readonly delayedMs: readonly number[];
}

export interface Judgement {
  readonly turns: number;
  /** Silences of more than 2 s while an answer was owed. */
  readonly cut: number;
  /** Questions without an answer presented to its end. */
  readonly lostTurns: number;
  /** Turns in which the person was told to wait, since a stage was lost and the answer begun anew. */
  readonly restarted: number;
  /** Stages that moved. */
  readonly moved: number;
  /** The longest silence of each turn. */
  readonly gapsMs: readonly number[];
}

const cutMs = 2000;

/** Judges the turns that were open at some time within a span. */
export function judge(logs: readonly ClientLog[], fromMs: number, toMs: number): Judgement {
  const judged = logs.flatMap(({ turns, audibleMs, delayedMs }) =>
    turns
      .filter(({ endMs, overMs }) => endMs < toMs && overMs > fromMs)
      .map(({ endMs, overMs, answered }) => {
        const gap = longestGap(audibleMs, endMs, overMs);
        const restarted = delayedMs.some((atMs) => atMs >= endMs && atMs <= overMs);
        return { gapMs: gap.endMs - gap.startMs, answered, restarted };
      }),
  );
  return {
    turns: judged.length,
    cut: judged.filter(({ gapMs }) => gapMs > cutMs).length,
    lostTurns: judged.filter(({ answered }) => !answered).length,
    restarted: judged.filter(({ restarted }) => restarted).length,
    moved: logs.reduce((sum, { movedMs }) => sum + movedMs.filter((atMs) => atMs >= fromMs && atMs < toMs).length, 0),
    gapsMs: judged.map(({ gapMs }) => gapMs),
  };
}
