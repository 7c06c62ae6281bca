import { smoothStep } from "./contact.ts";
import type { Gesture } from "./gestures.ts";
import { clamp, pathThrough, type Window } from "./path.ts";
import { type MouthPart, mouthParts } from "./visemes.ts";

export type Mouth = Readonly<Record<MouthPart, number>>;

/** What pulls at the mouth at one moment. */
export interface Pull {
  /** Phones that are known by now. */
  readonly gestures: readonly Gesture[];
  /** From there on nothing is known, not even silence. */
  readonly knownUntilUs: number;
  /** Instead of phones, where there are none: a mouth after the sound. */
  readonly fallback?: Mouth | undefined;
  /** Factor for the opening of vowels. */
  readonly opening: number;
}

/** The mouth on its way through the response. */
export interface Articulation {
  /** The mouth at the centre of the frame that starts there; call once per frame, in order. */
  advance(frameStartUs: number, pull: (timeUs: number) => Pull): Mouth;
}

/** Path values per frame; the second of them is shown. */
const stepsPerFrame = 4;

/** How heavy the parts are: the jaw moves more slowly than the lips. */
const inertiaUs: Mouth = {
  jaw: 18_000,
  pucker: 12_500,
  funnel: 12_500,
  wide: 12_500,
  upperUp: 16_000,
  lowerDown: 16_000,
  tongue: 18_000,
};
/** A full range per second; the lips of speakers reach 0.3 m/s, the jaw 0.2 m/s. */
export const topSpeedPerS = { jaw: 8, other: 16 } as const;

/** Towards its ends a phone insists less, so that the turn lies on the border. */
const borderUs = 10_000;
const borderWeight = 0.45;
/** How strongly the mouth is drawn to rest just beside speech, and when it has settled. */
const restBesideSpeech = 0.12;
const restInPauses = 0.6;
const settlingUs = 100_000;
const rest: Omit<Window, "weight"> = { low: 0, high: 0 };
const free: Window = { low: 0, high: 1, weight: 0 };

/** @param lookAheadUs beyond a frame's end, what its motion depends on */
export function createArticulation(frameUs: number, lookAheadUs: number): Articulation {
  const stepUs = frameUs / stepsPerFrame;
  // What lies on the horizon is not known yet.
  const steps = Math.ceil((frameUs + lookAheadUs) / stepUs - 1e-6) - 1;
  const before = Object.fromEntries(mouthParts.map((part) => [part, [0, 0]])) as Record<MouthPart, [number, number]>;

  return {
    advance(frameStartUs, pull) {
      const times = Array.from({ length: steps }, (_, n) => frameStartUs + (n + 1) * stepUs);
      const windowsOf = times.map((timeUs) => windowsAt(timeUs, pull(timeUs)));
      const shown = mouthParts.map((part) => {
        const windows = windowsOf.map((of) => of(part));
        const path = pathThrough(windows, { inertiaUs: inertiaUs[part], stepUs, before: before[part] });
        const taken = path.slice(0, stepsPerFrame);
        const farthest = ((part === "jaw" ? topSpeedPerS.jaw : topSpeedPerS.other) * stepUs) / 1_000_000;
        for (const [n, value] of taken.entries()) {
          const last = before[part][1];
          taken[n] = clamp(clamp(value, last - farthest, last + farthest), 0, 1);
          before[part] = [last, taken[n]];
        }
        return [part, taken[stepsPerFrame / 2 - 1]];
      });
      return Object.fromEntries(shown) as Mouth;
    },
  };
}

/** The windows of every part at one moment. */
function windowsAt(timeUs: number, { gestures, knownUntilUs, fallback, opening }: Pull): (part: MouthPart) => Window {
  if (fallback !== undefined) return (part) => ({ low: fallback[part], high: fallback[part], weight: 1 });
  const gesture = gestures.find(({ startUs, durationUs }) => startUs <= timeUs && timeUs < startUs + durationUs);
  if (gesture === undefined) {
    const window = timeUs >= knownUntilUs ? free : { ...rest, weight: restWeight(gestures, timeUs) };
    return () => window;
  }
  const weight = gesture.viseme.dominance * insistence(gesture, timeUs);
  return (part) => {
    const range = gesture.viseme.ranges[part];
    if (range === undefined) return free;
    const factor = part === "jaw" && gesture.vowel ? opening : 1;
    return { low: range[0] * factor, high: range[1] * factor, weight };
  };
}

function insistence({ startUs, durationUs }: Gesture, timeUs: number): number {
  const inside = Math.min(timeUs - startUs, startUs + durationUs - timeUs);
  return borderWeight + (1 - borderWeight) * smoothStep(inside / Math.min(borderUs, durationUs / 3));
}

function restWeight(gestures: readonly Gesture[], timeUs: number): number {
  let nearestUs = settlingUs;
  for (const { startUs, durationUs } of gestures) {
    nearestUs = Math.min(nearestUs, Math.max(0, startUs - timeUs, timeUs - startUs - durationUs));
  }
  return restBesideSpeech + (restInPauses - restBesideSpeech) * smoothStep(nearestUs / settlingUs);
}
