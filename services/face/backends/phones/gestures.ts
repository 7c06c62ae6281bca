import type { TimedPhone } from "../backend.ts";
import { isVowel, type Viseme, visemesOf } from "./visemes.ts";

/** One mouth shape with its time on the response scale. */
export interface Gesture {
  readonly viseme: Viseme;
  readonly startUs: number;
  readonly centreUs: number;
  readonly durationUs: number;
  /** Whether it is, or is part of, a syllable's nucleus. */
  readonly vowel: boolean;
}

/** What is known of the speech's phones, in order. */
export interface PhoneTrack {
  push(phones: readonly TimedPhone[]): void;
  /** The last phone, of one part, goes on. */
  prolong(endUs: number): void;
  /** Gestures that start before `horizonUs` and may still matter at `timeUs`. */
  gesturesAround(timeUs: number, horizonUs: number): readonly Gesture[];
  /** Whether any phone or silence is known for the moment. */
  covers(timeUs: number): boolean;
  /** The end of the last phone or silence that starts before `horizonUs`. */
  knownUntilUs(horizonUs: number): number;
  /** Vowels that start in [fromUs, toUs). */
  vowelsIn(fromUs: number, toUs: number): readonly TimedPhone[];
  /** Forgets what ended long before. */
  forget(beforeUs: number): void;
}

export function createPhoneTrack(): PhoneTrack {
  let phones: TimedPhone[] = [];
  let gestures: Gesture[] = [];
  return {
    push(arrived) {
      for (const phone of arrived) {
        phones.push(phone);
        gestures.push(...gesturesOf(phone));
      }
    },
    prolong(endUs) {
      const [phone, gesture] = [phones.at(-1), gestures.at(-1)];
      if (phone === undefined) return;
      phones[phones.length - 1] = { ...phone, endUs };
      if (gesture !== undefined && gesture.startUs === phone.startUs) gestures[gestures.length - 1] = lasting(gesture, endUs);
    },
    gesturesAround: (timeUs, horizonUs) =>
      gestures.filter((gesture) => gesture.startUs < horizonUs && gesture.startUs + gesture.durationUs > timeUs - reachUs),
    covers: (timeUs) => phones.some((phone) => phone.startUs <= timeUs && timeUs < phone.endUs),
    knownUntilUs: (horizonUs) => phones.findLast(({ startUs }) => startUs < horizonUs)?.endUs ?? Number.NEGATIVE_INFINITY,
    vowelsIn: (fromUs, toUs) => phones.filter((phone) => phone.startUs >= fromUs && phone.startUs < toUs && isVowel(phone.symbol)),
    forget(beforeUs) {
      phones = phones.filter((phone) => phone.endUs > beforeUs);
      gestures = gestures.filter((gesture) => gesture.startUs + gesture.durationUs > beforeUs);
    },
  };
}

function lasting(gesture: Gesture, endUs: number): Gesture {
  return { ...gesture, centreUs: (gesture.startUs + endUs) / 2, durationUs: endUs - gesture.startUs };
}

/** How long after its end a gesture can still be felt. */
export const reachUs = 250_000;

/** Diphthongs in two parts, the first a little longer; triphthongs in three. */
function gesturesOf({ symbol, startUs, endUs }: TimedPhone): Gesture[] {
  const visemes = visemesOf(symbol);
  const share = visemes.length === 2 ? [0.55, 0.45] : visemes.map(() => 1 / visemes.length);
  const vowel = isVowel(symbol);
  let from = startUs;
  return visemes.map((viseme, index) => {
    const durationUs = (endUs - startUs) * (share[index] as number);
    const gesture = { viseme, startUs: from, centreUs: from + durationUs / 2, durationUs, vowel };
    from += durationUs;
    return gesture;
  });
}
