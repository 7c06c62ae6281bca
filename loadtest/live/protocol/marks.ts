/** By which sessions are told apart in their sound: each says nothing but its word, which the stub voice hums at this frequency. */
export const marksHz = [700, 1100, 1500] as const;

/** The word that the stub voice hums at a frequency. */
export const markWord = (toneHz: number): string => `tone${toneHz}`;

export interface HeardUnit {
  /** RMS in dB of full scale. */
  readonly levelDb: number;
  /** Which of the marks are in it: their indices. */
  readonly marks: readonly number[];
}

export const soundRateHz = 24_000;
/** Quieter units count as silent. */
export const audibleDb = -50;
/**
 * A mark is in a unit when so much of the unit's energy is at its frequency. A steady tone has all of it there, half of two equally loud
 * voices half; the edge of any sound within the unit spreads little 400 Hz away.
 */
const presentShare = 0.05;
/** A fragment of a few milliseconds spreads over hundreds of hertz: a mark is a peak, 6 dB over what lies aside of it. */
const asideHz = 150;
const peakRatio = 4;

/** Level and marks of a unit of sound, by Goertzel's algorithm over the whole unit under a Hann window. */
export function hearUnit(samples: Float32Array): HeardUnit {
  const power = samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length);
  const levelDb = power > 0 ? 10 * Math.log10(power) : Number.NEGATIVE_INFINITY;
  if (levelDb < audibleDb) return { levelDb, marks: [] };
  const windowed = samples.map((value, n) => value * Math.sin((Math.PI * (n + 0.5)) / samples.length) ** 2);
  const isPresent = (toneHz: number) => {
    const share = shareAt(windowed, power, toneHz);
    return share >= presentShare && [-asideHz, asideHz].every((aside) => share >= peakRatio * shareAt(windowed, power, toneHz + aside));
  };
  const present = marksHz.flatMap((toneHz, index) => (isPresent(toneHz) ? [index] : []));
  return { levelDb, marks: present };
}

/** Share of a unit's energy at a frequency: 1 for a steady tone of it. A Hann window passes half the amplitude. */
function shareAt(windowed: Float32Array, power: number, toneHz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * toneHz) / soundRateHz);
  let [one, two] = [0, 0];
  for (const value of windowed) [one, two] = [value + factor * one - two, one];
  const energy = one * one + two * two - factor * one * two;
  return (8 * energy) / (windowed.length ** 2 * power);
}

/** What was heard in the units of a session whose own mark is `own`. */
export interface MarkCount {
  readonly audible: number;
  readonly own: number;
  /** Audible without any mark: words that all sessions may say, as excuses. */
  readonly unmarked: number;
  /** With the mark of another session, beside its own or instead. */
  readonly foreign: number;
}

export function countMarks(units: readonly HeardUnit[], own: number): MarkCount {
  const audible = units.filter(({ levelDb }) => levelDb >= audibleDb);
  const foreign = audible.filter(({ marks }) => marks.some((mark) => mark !== own)).length;
  const unmarked = audible.filter(({ marks }) => marks.length === 0).length;
  return { audible: audible.length, own: audible.length - foreign - unmarked, unmarked, foreign };
}

export function addCounts(counts: readonly MarkCount[]): MarkCount {
  const sum = (of: (count: MarkCount) => number) => counts.reduce((total, count) => total + of(count), 0);
  return {
    audible: sum(({ audible }) => audible),
    own: sum(({ own }) => own),
    unmarked: sum(({ unmarked }) => unmarked),
    foreign: sum(({ foreign }) => foreign),
  };
}
