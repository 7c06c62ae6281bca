import type { FrameClass } from "./frame-classes.ts";
import type { MouthShape } from "./mouth-camera.ts";
import { fits, type VisemeClass } from "./viseme-classes.ts";

/** One sentence: what each frame is to show and what it shows. */
export interface Track {
  readonly classes: readonly (FrameClass | undefined)[];
  readonly mouths: readonly MouthShape[];
}

export interface ClassMatch {
  readonly viseme: VisemeClass;
  readonly frames: number;
  /** Per cent of the frames. */
  readonly match: number;
}

export interface LipMatch {
  /** Mean of the classes' matches in per cent, without the free ones. */
  readonly macro: number;
  readonly classes: readonly ClassMatch[];
}

type Verdict = (wanted: FrameClass, mouth: MouthShape) => number;

const lenient: Verdict = ({ accepted }, mouth) => (accepted.some((viseme) => fits(viseme, mouth)) ? 1 : 0);
const strict: Verdict = ({ own }, mouth) => (fits(own, mouth) ? 1 : 0);

/** Share of the speech frames whose mouth lies in the region of a phone that sounds in the frame. */
export const lipMatch = (tracks: readonly Track[]): LipMatch => match(tracks, lenient);

/** The same, where a frame has to show the phone at its centre, however near a border is. */
export const strictLipMatch = (tracks: readonly Track[]): LipMatch => match(tracks, strict);

/**
 * What the same mouths would reach if they were dealt out at random over all speech frames: for each frame the share of all mouths that
 * it would accept. It knows how the mouths are distributed and nothing of when they are shown.
 */
export function chanceMatch(tracks: readonly Track[]): LipMatch {
  const mouths = tracks.flatMap((track) => track.mouths.filter((_, n) => track.classes[n] !== undefined));
  const known = new Map<string, number>();
  const share: Verdict = (wanted) => {
    const key = wanted.accepted
      .map(({ name }) => name)
      .sort()
      .join();
    const found = known.get(key) ?? mouths.filter((mouth) => lenient(wanted, mouth) === 1).length / mouths.length;
    known.set(key, found);
    return found;
  };
  return match(tracks, share);
}

/** The motion comes `frames` too late; beyond the sentence's ends there is nothing to compare. */
export function shifted(tracks: readonly Track[], frames: number): Track[] {
  return tracks.map(({ classes, mouths }) => ({
    classes: classes.map((wanted, n) => (mouths[n - frames] === undefined ? undefined : wanted)),
    mouths: mouths.map((mouth, n) => mouths[n - frames] ?? mouth),
  }));
}

/** Each sentence with the motion of the next one, from its start over again where that is shorter. */
export function shuffled(tracks: readonly Track[]): Track[] {
  return tracks.map(({ classes }, n) => {
    const other = (tracks[(n + 1) % tracks.length] as Track).mouths;
    return { classes, mouths: classes.map((_, frame) => other[frame % other.length] as MouthShape) };
  });
}

function match(tracks: readonly Track[], verdict: Verdict): LipMatch {
  const counts = new Map<VisemeClass, { frames: number; hits: number }>();
  for (const { classes, mouths } of tracks)
    for (const [n, wanted] of classes.entries()) {
      const mouth = mouths[n];
      if (wanted === undefined || mouth === undefined) continue;
      const count = counts.get(wanted.own) ?? { frames: 0, hits: 0 };
      counts.set(wanted.own, { frames: count.frames + 1, hits: count.hits + verdict(wanted, mouth) });
    }
  const classes = [...counts].map(([viseme, { frames, hits }]) => ({ viseme, frames, match: (100 * hits) / frames }));
  const counted = classes.filter(({ viseme }) => !viseme.free);
  return { macro: counted.reduce((sum, one) => sum + one.match, 0) / counted.length, classes };
}
