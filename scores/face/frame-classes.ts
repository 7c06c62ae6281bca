import type { TimedText } from "@troupe/tts/backends";
import type { VisemeClass, VisemeClasses } from "./viseme-classes.ts";

/** What a frame of speech is to show. */
export interface FrameClass {
  /** Class of the phone at the frame's centre; the frame counts for it. */
  readonly own: VisemeClass;
  /** Classes of every phone that sounds during the frame: any of them will do, since a frame shows one moment of 40 ms. */
  readonly accepted: readonly VisemeClass[];
}

interface Part {
  readonly viseme: VisemeClass;
  readonly fromUs: number;
  readonly toUs: number;
  /** The part's turn into its neighbours within the phone is a glide: so far beyond its bounds it may still be seen. */
  readonly glideUs: number;
}

/**
 * The classes of the frames; undefined where the centre lies in silence or in a phone without a class. A frame belongs to the phone at
 * its centre; if its centre is within half a frame of a border, to either side. Silence accepts nothing. A diphthong's parts have equal
 * shares, and around their border, over a third of the phone, both will do.
 */
export function frameClasses(
  phones: readonly TimedText[],
  classes: VisemeClasses,
  { frames, framesPerSecond }: { readonly frames: number; readonly framesPerSecond: number },
): (FrameClass | undefined)[] {
  const parts = phones.flatMap((phone) => partsOf(phone, classes.of(phone.text)));
  const frameUs = 1_000_000 / framesPerSecond;
  return Array.from({ length: frames }, (_, frame) => {
    const [startUs, centreUs, endUs] = [frame * frameUs, (frame + 0.5) * frameUs, (frame + 1) * frameUs];
    const own = parts.find(({ fromUs, toUs }) => fromUs <= centreUs && centreUs < toUs)?.viseme;
    if (own === undefined) return undefined;
    const seen = parts.filter(({ fromUs, toUs, glideUs }) => fromUs - glideUs < endUs && startUs < toUs + glideUs);
    return { own, accepted: [...new Set(seen.map(({ viseme }) => viseme))] };
  });
}

function partsOf({ startUs, endUs }: TimedText, visemes: readonly VisemeClass[]): Part[] {
  const partUs = (endUs - startUs) / visemes.length;
  const glideUs = visemes.length > 1 ? partUs / 3 : 0;
  return visemes.map((viseme, n) => ({ viseme, fromUs: startUs + n * partUs, toUs: startUs + (n + 1) * partUs, glideUs }));
}
