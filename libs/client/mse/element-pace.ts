/** Where a media element is. Seconds of its own time. */
export interface Playhead {
  readonly positionS: number;
  /** Up to where there are both sound and picture. */
  readonly endS: number;
  /** What sounds at the position, and until when; undefined: nothing is known of it. */
  readonly sound: { readonly response: number; readonly muted: boolean; readonly toS: number } | undefined;
}

export interface Pace {
  /** Of playing, 1: as it is. */
  readonly rate: number;
  readonly seekToS: number | undefined;
}

/** Sound that waits: the element needs more than our own player. */
export const targetS = 0.25;
/** Off by less, nothing is done. */
const toleranceS = 0.05;
/** Speech that is behind by more plays faster; what is behind by much more is left out. */
const lateS = 0.3;
const lostS = 1.5;
const fasterSpeech = 1.05;
/** Silence is stretched or shortened, which nobody hears. */
const slowerSilence = 0.8;
const fasterSilence = 1.25;
/** What has to be there behind a muted span before the element jumps to it. */
const leastS = 0.02;

/**
 * How an element goes on. What was silenced is jumped over once, to the first picture behind it, when that is there: a jump costs the
 * element about as much time as it waits for its buffer, but shows that picture at once. Silence then fills the buffer again.
 */
export function paceOf({ positionS, endS, sound }: Playhead): Pace {
  const waitingS = endS - positionS;
  if (sound?.muted) return { rate: 1, seekToS: sound.toS + leastS <= endS ? sound.toS : undefined };
  if (waitingS > targetS + lostS) return { rate: 1, seekToS: endS - targetS };
  return { rate: sound && sound.response !== 0 ? speechRate(waitingS) : silenceRate(waitingS), seekToS: undefined };
}

const speechRate = (waitingS: number): number => (waitingS > targetS + lateS ? fasterSpeech : 1);

function silenceRate(waitingS: number): number {
  if (waitingS < targetS - toleranceS) return slowerSilence;
  return waitingS > targetS + toleranceS ? fasterSilence : 1;
}
