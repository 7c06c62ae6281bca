import type { Gesture } from "./gestures.ts";
import { type BlendedPart, blendedParts, type Contact } from "./visemes.ts";

export type Blend = Readonly<Record<BlendedPart, number>>;

/** How strongly the mouth is drawn to rest within phones, and more and more so away from them. */
const restWithinPhones = 0.06;
const restInPauses = 0.6;
const settlingUs = 100_000;
/** Decay of a phone's influence: 40 ms and a fifth of its duration. */
const decayUs = 40_000;
const decayShare = 0.2;
/** The middle of a phone over which its influence is full, as a share of its duration to each side. */
const plateauShare = 0.25;
/** A phone fades in over this much of the look-ahead, so that its coming into view makes no step. */
const arrivalUs = 60_000;

/**
 * Blends the shapes of neighbouring phones by dominance functions, D = a e^(-distance / decay), weights
 * normalised at every moment (Cohen & Massaro, "Modeling coarticulation in synthetic visual speech", 1993); rest is one more shape.
 */
export function blendAt(gestures: readonly Gesture[], timeUs: number, horizonUs: number): Blend {
  const sums = Object.fromEntries(blendedParts.map((part) => [part, 0])) as Record<BlendedPart, number>;
  const rest = restDominance(gestures, timeUs);
  const weights = Object.fromEntries(blendedParts.map((part) => [part, rest])) as Record<BlendedPart, number>;
  for (const gesture of gestures) {
    const dominance = dominanceAt(gesture, timeUs) * Math.min(1, (horizonUs - gesture.startUs) / arrivalUs);
    for (const part of blendedParts) {
      const target = gesture.viseme.targets[part];
      const weight = target === undefined ? dominance * 0.25 : dominance;
      sums[part] += weight * (target ?? 0);
      weights[part] += weight;
    }
  }
  for (const part of blendedParts) sums[part] /= weights[part];
  return sums;
}

function restDominance(gestures: readonly Gesture[], timeUs: number): number {
  let nearestUs = settlingUs;
  for (const { startUs, durationUs } of gestures) {
    nearestUs = Math.min(nearestUs, Math.max(0, startUs - timeUs, timeUs - startUs - durationUs));
  }
  return restWithinPhones + (restInPauses - restWithinPhones) * smoothStep(nearestUs / settlingUs);
}

function dominanceAt({ viseme, centreUs, durationUs }: Gesture, timeUs: number): number {
  const distanceUs = Math.max(0, Math.abs(timeUs - centreUs) - durationUs * plateauShare);
  return viseme.dominance * Math.exp(-distanceUs / (decayUs + decayShare * durationUs));
}

const closingUs = 55_000;

/**
 * How complete a lip contact is, 0..1: 1 at least in the frame that shows the centre of a phone with that contact, whatever its
 * neighbours are.
 */
export function contactAt(gestures: readonly Gesture[], contact: Contact, timeUs: number, frameUs: number): number {
  let closest = 0;
  for (const { viseme, centreUs, durationUs } of gestures) {
    if (viseme.contact !== contact) continue;
    const heldUs = Math.max(frameUs / 2, durationUs * plateauShare);
    const away = (Math.abs(timeUs - centreUs) - heldUs) / closingUs;
    closest = Math.max(closest, smoothStep(1 - away));
  }
  return closest;
}

export function smoothStep(x: number): number {
  const clamped = Math.max(0, Math.min(1, x));
  return clamped * clamped * (3 - 2 * clamped);
}
