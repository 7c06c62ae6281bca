import type { Report } from "@troupe/report";
import { addCounts, type MarkCount, marksHz } from "../protocol/marks.ts";
import { cutNetwork, type Fault } from "./faults.ts";
import type { MarkControls } from "./mark-controls.ts";

/** What one session's person experienced of one fault. Milliseconds, from the fault where it is a moment. */
export interface Experience {
  readonly session: number;
  /** The longest time in which nothing was heard though an answer was owed. Not of those who spoke themselves. */
  readonly silentMs: number;
  /** When that ended; undefined: not while it was watched. */
  readonly heardAgainMs: number | undefined;
  /** The longest time without a picture. */
  readonly frozenMs: number;
  /** When the client was told of it, and what; undefined: it was not. */
  readonly toldMs: number | undefined;
  readonly told: readonly string[];
  /** When its connection was found dead, and when the session was there again; undefined: it stayed. */
  readonly lostMs: number | undefined;
  readonly backMs: number | undefined;
  /** Questions that were never answered to the end. */
  readonly lostTurns: number;
  /** Who asked aloud: from the end of the words, those of the last try, to the answer. */
  readonly aloudMs: number | undefined;
  /** Until a question asked after it all was answered. */
  readonly nextMs: number | undefined;
  readonly over: boolean;
}

export interface FaultRun {
  readonly fault: string;
  readonly amid: Fault["amid"];
  /** When what was broken served again. */
  readonly wholeMs: number | undefined;
  readonly experiences: readonly Experience[];
  readonly marks: MarkCount;
}

const cell = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(0));
const each = ({ experiences }: FaultRun, of: (one: Experience) => number | undefined) =>
  experiences.map((one) => cell(of(one))).join(" / ");
const silent = (run: FaultRun) => (run.amid === "speaking" ? "-" : each(run, ({ silentMs }) => silentMs));
const again = (run: FaultRun) =>
  run.amid === "speaking" ? each(run, ({ aloudMs }) => aloudMs) : each(run, ({ heardAgainMs }) => heardAgainMs);
const lostOf = ({ experiences }: FaultRun) => experiences.reduce((sum, { lostTurns }) => sum + lostTurns, 0);

export function summaryOf(run: FaultRun): string {
  const { foreign, audible } = run.marks;
  return `${run.fault}: silent ${silent(run)} ms, heard again ${again(run)} ms, no picture ${each(run, ({ frozenMs }) => frozenMs)} ms, back ${each(run, ({ backMs }) => backMs)} ms, lost turns ${lostOf(run)}, next answer ${each(run, ({ nextMs }) => nextMs)} ms, foreign ${foreign} of ${audible}`;
}

export const figuresOf = (runs: readonly FaultRun[], controls: MarkControls) => ({
  failures: runs,
  mixing: { ...addCounts(runs.map(({ marks }) => marks)), controls },
  reconnect: runs.find(({ fault }) => fault === cutNetwork.name) ?? null,
});

export function reportOf(runs: readonly FaultRun[], controls: MarkControls): Report {
  const total = addCounts(runs.map(({ marks }) => marks));
  const { alone, swapped } = controls;
  const lostAmidAnswers = runs.reduce((sum, run) => sum + (run.amid === "speaking" ? 0 : lostOf(run)), 0);
  const people = runs.flatMap(({ experiences }) => experiences);
  return {
    title: "Failures under live sessions",
    method: [
      `Three sessions at the Realtime socket, each through a network of its own; gateway and stages as processes, one of each. Recognition, face and pictures (256x256 at 25 fps) are real; voice and dialogue are stubs, so that all sound is marked: each person asks one word over and over, the stub dialogue says it back, and the stub voice hums it at the word's own frequency (${marksHz.join(", ")} Hz, PCM). An answer is owed all the time: whenever one ends, the next question is asked. A process is killed with SIGKILL and started again at once. Clients come back as the page does: a connection is dead after 2.5 s without anything, then tries after 250 ms, doubling up to 4 s.`,
      "Asr is killed while the three ask aloud, llm just before they ask, everything else amid an answer. Heard again: the end of the longest silence, from the fault; with asr: from the end of the words to the answer. A turn is lost when nothing was heard for 4 s though connected, and the person had to ask again. Values of the three sessions are separated by strokes.",
      "A unit of sound (40 ms) is foreign when 5 % or more of its energy is at another session's frequency (Goertzel's algorithm under a Hann window); unmarked ones are words like \"One moment, please\".",
    ],
    tables: [
      {
        title: "What the person experiences, in milliseconds, by session",
        head: [
          "fault",
          "told after",
          "silent",
          "heard again",
          "no picture",
          "connection lost",
          "connection back",
          "turns lost",
          "next answer",
          "over",
        ],
        rows: runs.map((run) => [
          run.fault,
          each(run, ({ toldMs }) => toldMs),
          silent(run),
          again(run),
          each(run, ({ frozenMs }) => frozenMs),
          each(run, ({ lostMs }) => lostMs),
          each(run, ({ backMs }) => backMs),
          lostOf(run),
          each(run, ({ nextMs }) => nextMs),
          run.experiences.filter(({ over }) => over).length,
        ]),
      },
      {
        title: "Whose sound it was, in units",
        head: ["run", "audible", "own mark", "unmarked", "foreign"],
        rows: [
          ["control: one session alone, interrupted", ...cellsOf(alone)],
          ["control: two sessions' units swapped", ...cellsOf(swapped)],
          ...runs.map(({ fault, marks }) => [fault, ...cellsOf(marks)]),
        ],
      },
    ],
    aims: [
      {
        what: "units with another session's mark",
        aim: "0",
        measured: `${total.foreign} of ${total.audible}`,
        met: total.foreign === 0 && total.own > 0,
      },
      {
        what: "false alarms, one session alone",
        aim: "0",
        measured: `${alone.foreign} of ${alone.audible}`,
        met: alone.foreign === 0 && alone.own > 0,
      },
      {
        what: "foreign when swapped",
        aim: "all that are marked",
        measured: `${swapped.foreign} of ${swapped.audible - swapped.unmarked}`,
        met: swapped.foreign > 0 && swapped.own === 0,
      },
      {
        what: "sessions that live on",
        aim: "all",
        measured: `${people.filter(({ over }) => !over).length} of ${people.length}`,
        met: people.every(({ over }) => !over),
      },
      {
        what: "turns lost, but for what was said while asr was away",
        aim: "0",
        measured: String(lostAmidAnswers),
        met: lostAmidAnswers === 0,
      },
    ],
    raw: { runs, controls, mixing: total },
  };
}

const cellsOf = ({ audible, own, unmarked, foreign }: MarkCount) => [audible, own, unmarked, foreign];
