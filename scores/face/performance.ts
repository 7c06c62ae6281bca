import type { FaceBackend, MotionFrame, SpeechChunk } from "@troupe/face/backends";
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
export function perform(spoken: readonly Spoken[], cast: Cast): Promise<Performance[]> {
  return performAll(spoken, cast, chunksOf);
}

/** The same by a voice that does not tell the face its phones; frames are judged by them all the same. */
export function performWithoutPhones(spoken: readonly Spoken[], cast: Cast): Promise<Performance[]> {
  return performAll(spoken, cast, (sentence) => chunksOf({ ...sentence, phones: [] }));
}

async function performAll(
  spoken: readonly Spoken[],
  { face, camera, classes, signal }: Cast,
  tell: (sentence: Spoken) => AsyncIterable<SpeechChunk>,
): Promise<Performance[]> {
  const performances: Performance[] = [];
  let shown = 0;
  for (const sentence of spoken) {
    const frames = await Array.fromAsync(face.animate(tell(sentence), { framesPerSecond, signal }));
    const mouths = frames.map((frame) => camera.measureOnIdle(frame, shown++ / framesPerSecond));
    const wanted = frameClasses(sentence.phones, classes, { frames: frames.length, framesPerSecond });
    performances.push({ classes: wanted, mouths, phones: sentence.phones, frames });
  }
  return performances;
}
