import { firstAbove, type LevelTrack, lastAbove, loudest } from "./level.ts";

/** Quieter is nothing that a person would hear as the beginning of an answer. */
export const audibleDb = -50;
const sustainedS = 0.02;
/** Speech that falls so far has stopped. */
const stoppedDb = 40;
const referenceS = 1;

/** When something is heard for the first time within a span; undefined: never. */
export function firstSound(level: LevelTrack, fromS: number, toS: number): number | undefined {
  return firstAbove(level, audibleDb, fromS, toS, sustainedS);
}

/**
 * When what sounded at the onset is heard for the last time: from then on it is at least 40 dB below the loudest of the second before the
 * onset, until `untilS`. Undefined where nothing sounded just before the onset. `onsetS` itself where it stopped by then.
 */
export function silencedAt(level: LevelTrack, onsetS: number, untilS: number): number | undefined {
  const referenceDb = loudest(level, onsetS - referenceS, onsetS);
  if (referenceDb < audibleDb) return undefined;
  return Math.max(onsetS, lastAbove(level, Math.max(referenceDb - stoppedDb, -90), onsetS, untilS) ?? onsetS);
}

/** The longest time within a span in which nothing is heard. */
export function longestSilence(level: LevelTrack, fromS: number, toS: number): { readonly startS: number; readonly endS: number } {
  let best = { startS: fromS, endS: fromS };
  for (let at = fromS; at < toS; ) {
    const nextS = firstSound(level, at, toS) ?? toS;
    if (nextS - at > best.endS - best.startS) best = { startS: at, endS: nextS };
    at = soundEnd(level, nextS, toS);
  }
  return best;
}

const pauseS = 0.03;

function soundEnd(level: LevelTrack, fromS: number, toS: number): number {
  let at = fromS;
  while (at < toS && loudest(level, at, at + pauseS) >= audibleDb) at += pauseS;
  return Math.max(at, fromS + pauseS);
}
