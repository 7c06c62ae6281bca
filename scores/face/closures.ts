import type { TimedText } from "@troupe/tts/backends";
import type { MouthShape } from "./mouth-camera.ts";
import { fits, type VisemeClass, type VisemeClasses } from "./viseme-classes.ts";

export interface Closures {
  /** How many p, b and m there were. */
  readonly phones: number;
  /** Per cent of them with closed lips in at least one frame whose centre lies in the phone, or in the nearest frame if none does. */
  readonly closed: number;
  readonly frames: number;
  /** Per cent of the frames whose centres lie in them. */
  readonly closedFrames: number;
}

export interface SpokenMouths {
  readonly phones: readonly TimedText[];
  readonly mouths: readonly MouthShape[];
}

/** Whether the lips close on every phone of the class "bilabial", as a viewer sees it. */
export function measureClosures(sentences: readonly SpokenMouths[], classes: VisemeClasses, framesPerSecond: number): Closures {
  const closing = classes.of("p")[0] as VisemeClass;
  const total = { phones: 0, closed: 0, frames: 0, closedFrames: 0 };
  for (const { phones, mouths } of sentences)
    for (const phone of phones.filter(({ text }) => classes.of(text)[0] === closing)) {
      const shown = framesOf(phone, framesPerSecond).flatMap((frame) => mouths[frame] ?? []);
      const closed = shown.filter((mouth) => fits(closing, mouth)).length;
      total.phones++;
      total.closed += closed > 0 ? 1 : 0;
      total.frames += shown.length;
      total.closedFrames += closed;
    }
  const share = (part: number, whole: number) => (whole === 0 ? Number.NaN : (100 * part) / whole);
  return { ...total, closed: share(total.closed, total.phones), closedFrames: share(total.closedFrames, total.frames) };
}

function framesOf({ startUs, endUs }: TimedText, framesPerSecond: number): number[] {
  const frameUs = 1_000_000 / framesPerSecond;
  const first = Math.ceil(startUs / frameUs - 0.5);
  const last = Math.ceil(endUs / frameUs - 0.5) - 1;
  if (last < first) return [Math.floor((startUs + endUs) / 2 / frameUs)];
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
