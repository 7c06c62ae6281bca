import { expect, it } from "vitest";
import { type ClientLog, judge } from "./judge.ts";

/** Sound every 40 ms from one moment to another. */
const sound = (fromMs: number, toMs: number) => Array.from({ length: Math.round((toMs - fromMs) / 40) }, (_, n) => fromMs + n * 40);
const quiet: ClientLog = { turns: [], audibleMs: [], movedMs: [], delayedMs: [] };

it("finds nothing wrong with an answer in time", () => {
  const log = { ...quiet, turns: [{ endMs: 1000, overMs: 5000, answered: true }], audibleMs: sound(1800, 4600) };
  expect(judge([log], 0, 10_000)).toMatchObject({ turns: 1, cut: 0, lostTurns: 0, restarted: 0, gapsMs: [800] });
});

it("finds a silence in the midst, before and after an answer", () => {
  const turn = { endMs: 1000, overMs: 9000, answered: true };
  const cases = [[...sound(1500, 3000), ...sound(5100, 8900)], sound(3100, 8900), sound(1500, 6900)];
  for (const audibleMs of cases) expect(judge([{ ...quiet, turns: [turn], audibleMs }], 0, 10_000).cut).toBe(1);
});

it("does not take silence for a cut while nothing is owed", () => {
  const turns = [
    { endMs: 1000, overMs: 3000, answered: true },
    { endMs: 9000, overMs: 11_000, answered: true },
  ];
  const audibleMs = [...sound(1500, 2900), ...sound(9500, 10_900)];
  expect(judge([{ ...quiet, turns, audibleMs }], 0, 20_000)).toMatchObject({ turns: 2, cut: 0 });
});

it("counts a question without an answer as lost, and one that had to wait as restarted", () => {
  const turns = [
    { endMs: 1000, overMs: 3000, answered: false },
    { endMs: 5000, overMs: 7000, answered: true },
  ];
  const log = { ...quiet, turns, audibleMs: [...sound(1100, 2900), ...sound(5500, 6900)], delayedMs: [5600], movedMs: [5700, 30_000] };
  expect(judge([log], 0, 20_000)).toMatchObject({ lostTurns: 1, restarted: 1, moved: 1 });
});

it("judges only what was open within the span", () => {
  const turns = [
    { endMs: 1000, overMs: 4000, answered: false },
    { endMs: 6000, overMs: 9000, answered: false },
  ];
  expect(judge([{ ...quiet, turns }], 5000, 10_000)).toMatchObject({ turns: 1, cut: 1, lostTurns: 1 });
});
