import type { Aim, ReportTable } from "@troupe/report";
import type { Experience } from "./crowd.ts";

export type Named = readonly (readonly [name: string, experience: Experience])[];

export const experienceTable = (named: Named): ReportTable => ({
  title: "What the sessions experienced",
  head: ["while", "s", "sessions", "turns", "cut", "lost", "told to wait", "stages moved", "silence p50 ms", "p99 ms", "max ms"],
  rows: named.map(([name, { tookMs, sessions, turns, cut, lostTurns, restarted, moved, gapMs }]) => [
    name,
    Math.round(tookMs / 1000),
    sessions,
    turns,
    cut,
    lostTurns,
    restarted,
    moved,
    gapMs.p50,
    gapMs.p99,
    gapMs.max,
  ]),
});

export function uncutAim(named: Named): Aim {
  const cut = named.reduce((sum, [, experience]) => sum + experience.cut, 0);
  const lost = named.reduce((sum, [, experience]) => sum + experience.lostTurns, 0);
  return { what: "cut, and turns lost", aim: "0 and 0", measured: `${cut} and ${lost}`, met: cut === 0 && lost === 0 };
}

export const judgedAs = [
  "All is judged from the clients' logs alone. A turn is an utterance and what is owed for it: an answer presented to its end. Cut: more than 2 s without sound between the end of the words and the end of the answer. Lost: no answer presented to its end within 20 s. Told to wait: a stage was lost amid an answer, which was begun anew. Silence: the longest of each turn, that before the answer included.",
];
