import type { FaceBackend, MotionFrame } from "@troupe/face/backends";
import type { TimedText } from "@troupe/tts/backends";
import { frameClasses } from "./frame-classes.ts";
import type { Track } from "./lip-match.ts";
import type { MouthCamera } from "./mouth-camera.ts";
import { chunksOf, type Spoken } from "./spoken.ts";
import type { VisemeClasses } from "./viseme-classes.ts";

export const framesPerSecond = 25;

/** One sentence as an avatar said it. */
export interface Performance extends Track {
  readonly phones: readonly TimedText[];
  readonly frames: readonly MotionFrame[];
}

export interface Cast {
  readonly face: FaceBackend;
  readonly camera: MouthCamera;
  readonly classes: VisemeClasses;
  readonly signal: AbortSignal;
}

/** Animates the sentences one after the other, as in one session, and measures every frame. */
export async function perform(spoken: readonly Spoken[], { face, camera, classes, signal }: Cast): Promise<Performance[]> {
  const performances: Performance[] = [];
  let shown = 0;
  for (const sentence of spoken) {
    const frames = await Array.fromAsync(face.animate(chunksOf(sentence), { framesPerSecond, signal }));
    const mouths = frames.map((frame) => camera.measureOnIdle(frame, shown++ / framesPerSecond));
    const wanted = frameClasses(sentence.phones, classes, { frames: frames.length, framesPerSecond });
    performances.push({ classes: wanted, mouths, phones: sentence.phones, frames });
  }
  return performances;
}

/** The same speech by a voice that tells no phones. */
export const withoutPhones = (spoken: readonly Spoken[]): Spoken[] => spoken.map((sentence) => ({ ...sentence, phones: [] }));
