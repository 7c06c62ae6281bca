import type { Score } from "../score.ts";
import { measureClosures } from "./closures.ts";
import { chanceMatch, type LipMatch, lipMatch, shifted, shuffled, strictLipMatch } from "./lip-match.ts";
import { framesPerSecond, type Performance } from "./performance.ts";
import type { SentenceSet } from "./spoken.ts";
import type { VisemeClasses } from "./viseme-classes.ts";

export interface Performed {
  readonly avatar: string;
  readonly set: SentenceSet;
  readonly classes: VisemeClasses;
  readonly performances: readonly Performance[];
  /** The same sentences with a jaw that follows the loudness. */
  readonly baseline: readonly Performance[];
}

const shiftFrames = (200 * framesPerSecond) / 1000;

/** Every figure of one set with one avatar. */
export function* lipScores(performed: Performed): Generator<Score> {
  const chance = chanceMatch(performed.performances).macro;
  yield matchScore(performed, chance);
  yield controlScore(performed, chance);
  yield closureScore(performed);
}

function matchScore({ avatar, set, performances, baseline }: Performed, chance: number): Score {
  const match = lipMatch(performances);
  const counted = match.classes.filter(({ viseme }) => !viseme.free);
  return {
    ...named("lip-match", `Lip match, ${avatar}, ${set.name}`, { avatar, set, performances }),
    value: match.macro,
    unit: "%",
    better: "higher",
    aim: 95,
    baseline: { name: "jaw follows loudness", value: lipMatch(baseline).macro },
    control: { name: "chance", value: chance },
    spread: { low: Math.min(...counted.map((one) => one.match)), high: Math.max(...counted.map((one) => one.match)), of: "classes" },
    note: `${classList(match)}. If every frame has to show the phone at its centre, however near a border: ${strictLipMatch(performances).macro.toFixed(1)} %.`,
  };
}

function classList({ classes }: LipMatch): string {
  const told = classes.toSorted((a, b) => Number(a.viseme.free) - Number(b.viseme.free));
  return told
    .map(({ viseme, frames, match }) => `${viseme.name}${viseme.free ? " (apart)" : ""} ${match.toFixed(1)} % of ${frames}`)
    .join(", ");
}

/** How far above chance the best of the wrong motions gets. */
function controlScore({ avatar, set, performances }: Performed, chance: number): Score {
  const controls = [
    { name: "motion of another sentence", value: lipMatch(shuffled(performances)).macro },
    { name: "200 ms late", value: lipMatch(shifted(performances, shiftFrames)).macro },
    { name: "200 ms early", value: lipMatch(shifted(performances, -shiftFrames)).macro },
  ];
  const worst = controls.reduce((most, one) => (Math.abs(one.value - chance) > Math.abs(most.value - chance) ? one : most));
  return {
    ...named("lip-controls", `Farthest control from chance, ${avatar}, ${set.name}`, { avatar, set, performances }),
    value: Math.abs(worst.value - chance),
    unit: "points",
    better: "lower",
    aim: 10,
    control: worst,
    note: `${controls.map(({ name, value }) => `${name} ${value.toFixed(1)} %`).join(", ")}; chance ${chance.toFixed(1)} %.`,
  };
}

function closureScore({ avatar, set, classes, performances, baseline }: Performed): Score {
  const closures = measureClosures(performances, classes, framesPerSecond);
  const late = performances.map((one) => ({ ...one, mouths: one.mouths.map((mouth, n) => one.mouths[n - shiftFrames] ?? mouth) }));
  return {
    ...named("closures", `p, b, m closed, ${avatar}, ${set.name}`, { avatar, set, performances }),
    value: closures.closed,
    unit: "%",
    better: "higher",
    aim: 98,
    baseline: { name: "jaw follows loudness", value: measureClosures(baseline, classes, framesPerSecond).closed },
    control: { name: "200 ms late", value: measureClosures(late, classes, framesPerSecond).closed },
    note: `${closures.phones} phones, closed in at least one frame each; of their ${closures.frames} frames ${closures.closedFrames.toFixed(1)} % are closed.`,
  };
}

function named(id: string, what: string, { avatar, set, performances }: Pick<Performed, "avatar" | "set" | "performances">) {
  const frames = performances.reduce((sum, { classes }) => sum + classes.filter((wanted) => wanted !== undefined).length, 0);
  return {
    id: `${id}-${set.name}-${avatar}`,
    what,
    set: {
      name: `${set.name} (${set.voices.join(", ")})`,
      kind: "authored" as const,
      size: `${performances.length} sentences, ${frames} speech frames`,
    },
  };
}
