import type { VisemeClass } from "../face/viseme-classes.ts";

/** One recording, step by step: undefined where nothing is said or the phone has no class. */
export interface HeardTrack {
  readonly known: readonly (VisemeClass | undefined)[];
  readonly heard: readonly (VisemeClass | undefined)[];
  /** Level of each step in dB. */
  readonly levelsDb: readonly number[];
}

export interface HearingAccuracy {
  /** Mean over the known classes of the share of their steps that were heard right, in per cent. */
  readonly macro: number;
  readonly classes: readonly { readonly viseme: VisemeClass; readonly steps: number; readonly right: number }[];
}

type Verdict = (track: HeardTrack, step: number) => number;

const right: Verdict = ({ known, heard }, step) => (known[step] === heard[step] ? 1 : 0);

/** Over the steps in which something is said. */
export const hearingAccuracy = (tracks: readonly HeardTrack[]): HearingAccuracy => judge(tracks, right);

/** The same classes dealt out at random over all spoken steps. */
export function chanceAccuracy(tracks: readonly HeardTrack[]): HearingAccuracy {
  const counts = new Map<VisemeClass | undefined, number>();
  let total = 0;
  for (const { known, heard } of tracks)
    for (const [step, viseme] of heard.entries()) {
      if (known[step] === undefined) continue;
      counts.set(viseme, (counts.get(viseme) ?? 0) + 1);
      total++;
    }
  return judge(tracks, ({ known }, step) => (counts.get(known[step]) ?? 0) / total);
}

/** What was heard comes so many steps late; steps for which there is nothing then do not count. */
export function lateHearing(tracks: readonly HeardTrack[], steps: number): HeardTrack[] {
  return tracks.map((track) => ({
    ...track,
    known: track.known.map((viseme, n) => (n - steps < 0 || n - steps >= track.heard.length ? undefined : viseme)),
    heard: track.heard.map((_, n) => track.heard[n - steps]),
  }));
}

/** Each recording with what was heard in the next one. */
export function shuffledHearing(tracks: readonly HeardTrack[]): HeardTrack[] {
  return tracks.map((track, n) => {
    const other = (tracks[(n + 1) % tracks.length] as HeardTrack).heard;
    return { ...track, heard: track.known.map((_, step) => other[step % other.length]) };
  });
}

const levels = 12;

/** The commonest class, by balanced count, of each of twelve levels, learned from the other half of the recordings. */
export function loudnessHearing(tracks: readonly HeardTrack[]): HeardTrack[] {
  const halves = [0, 1].map((half) => learnLevels(tracks.filter((_, n) => n % 2 === half)));
  return tracks.map((track, n) => ({ ...track, heard: track.levelsDb.map((db) => (halves[1 - (n % 2)] as LevelTable)(db)) }));
}

type LevelTable = (db: number) => VisemeClass | undefined;

function learnLevels(tracks: readonly HeardTrack[]): LevelTable {
  const spoken = tracks.flatMap(({ known, levelsDb }) =>
    known.flatMap((viseme, n) => (viseme === undefined ? [] : [{ viseme, db: levelsDb[n] as number }])),
  );
  const sorted = spoken.map(({ db }) => db).sort((a, b) => a - b);
  const edges = Array.from({ length: levels - 1 }, (_, n) => sorted[Math.floor(((n + 1) * sorted.length) / levels)] as number);
  const levelOf = (db: number) => edges.filter((edge) => db >= edge).length;
  const totals = new Map<VisemeClass, number>();
  const counts = Array.from({ length: levels }, () => new Map<VisemeClass, number>());
  for (const { viseme, db } of spoken) {
    totals.set(viseme, (totals.get(viseme) ?? 0) + 1);
    const count = counts[levelOf(db)] as Map<VisemeClass, number>;
    count.set(viseme, (count.get(viseme) ?? 0) + 1);
  }
  const shareOf = ([viseme, count]: readonly [VisemeClass, number]) => count / (totals.get(viseme) as number);
  const best = counts.map((count) => [...count].sort((a, b) => shareOf(b) - shareOf(a))[0]?.[0]);
  return (db) => best[levelOf(db)];
}

function judge(tracks: readonly HeardTrack[], verdict: Verdict): HearingAccuracy {
  const sums = new Map<VisemeClass, { steps: number; hits: number }>();
  for (const track of tracks)
    for (const [step, viseme] of track.known.entries()) {
      if (viseme === undefined) continue;
      const sum = sums.get(viseme) ?? { steps: 0, hits: 0 };
      sums.set(viseme, { steps: sum.steps + 1, hits: sum.hits + verdict(track, step) });
    }
  const classes = [...sums].map(([viseme, { steps, hits }]) => ({ viseme, steps, right: (100 * hits) / steps }));
  return { macro: classes.reduce((sum, one) => sum + one.right, 0) / classes.length, classes };
}
