import type { Gesture } from "./gestures.ts";
import type { Contact } from "./visemes.ts";

/** Of a contact's phone, so much at each end is left to closing and opening, as long as a frame remains. */
const marginUs = 5_000;
/** From open to closed. */
const closingUs = 28_000;

/**
 * How complete a lip contact is, 0..1: 1 over nearly the whole of a phone with that contact, at least in the frame that shows its
 * centre, whatever its neighbours are.
 */
export function contactAt(gestures: readonly Gesture[], contact: Contact, timeUs: number, frameUs: number): number {
  let closest = 0;
  for (const { viseme, centreUs, durationUs } of gestures) {
    if (viseme.contact !== contact) continue;
    const heldUs = Math.max(frameUs / 2, durationUs / 2 - marginUs);
    closest = Math.max(closest, smoothStep(1 - (Math.abs(timeUs - centreUs) - heldUs) / closingUs));
  }
  return closest;
}

export function smoothStep(x: number): number {
  const clamped = Math.max(0, Math.min(1, x));
  return clamped * clamped * (3 - 2 * clamped);
}
