/** Interims come at most this often. */
const shortestUs = 800_000;
const longestUs = 6_400_000;
/** Hurried: the first comes after some 320 ms of speech, which 300 ms of what was before go ahead of; the others follow close. */
const firstHurriedUs = 620_000;
const hurriedUs = 250_000;
const hurriedUntilUs = 2_000_000;
/** Sound that passes for each part of time that an interim took: recognition is then busy with them a quarter of the time at most. */
const restFactor = 4;

/**
 * How often interims are worth their while. They take turns with everybody's finals and go last, so that the time one takes tells how
 * much headroom there is: the longer it takes, the rarer they become; one that never comes doubles the distance.
 */
export interface InterimPace {
  /**
   * @param endUs how far the utterance has come
   * @param hurried the first words decide whether a response goes on, so that they are wanted soon
   */
  isDue(endUs: number, hurried?: boolean): boolean;
  began(endUs: number): void;
  /** @param tookMs from asking for it until it came; undefined when it did not */
  ended(tookMs: number | undefined): void;
}

export function createInterimPace(): InterimPace {
  let intervalUs = shortestUs;
  let lastUs = 0;
  return {
    isDue: (endUs, hurried = false) =>
      hurried && endUs < hurriedUntilUs ? endUs - lastUs >= (lastUs === 0 ? firstHurriedUs : hurriedUs) : endUs - lastUs >= intervalUs,
    began(endUs) {
      lastUs = endUs;
    },
    ended(tookMs) {
      const wantedUs = tookMs === undefined ? intervalUs * 2 : tookMs * 1000 * restFactor;
      intervalUs = Math.min(longestUs, Math.max(shortestUs, wantedUs));
    },
  };
}
