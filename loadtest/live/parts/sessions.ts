import { Track } from "@troupe/contracts";
import { quantile, type Report } from "@troupe/report";
import { LivePage } from "../browser/index.ts";
import { quantilesOf } from "../figures-file.ts";
import { englishQuestions } from "../material/questions.ts";
import { linesOf, type SpokenLine, speakLines } from "../material/spoken-material.ts";
import type { Part, PartContext } from "../part.ts";
import { chromiumPids, cpuMsOf } from "../platform/process-facts.ts";
import { ProtocolClient } from "../protocol/protocol-client.ts";
import { latenessMs } from "../protocol/unit-log.ts";
import { afterVoiceMs, askAloud } from "./turn.ts";

const defaultTurns = 5;
const listenS = 2;
const size = 512;
/** A unit so much later than the earliest would have found the client's buffer empty. */
const lateMs = 200;
const longestTurnMs = 20_000;

interface Load {
  readonly sessions: number;
  readonly soundMs: readonly number[];
  readonly frameMs: readonly number[];
  readonly unanswered: number;
  readonly underruns: number;
  readonly picturesLeftOut: number;
  /** Pictures per second that came at the protocol clients, each. */
  readonly picturesPerSecond: readonly number[];
  readonly lateSoundPercent: number;
  /** Reasons of the changes of output that were announced, in order. */
  readonly changes: readonly string[];
  /** Percent of a core, by process. */
  readonly cpuPercent: Readonly<Record<string, number>>;
}

export const sessionsPart: Part = {
  name: "sessions",
  description: "one session in Chromium alone, and with 1 and 3 more by a protocol client: times, CPU by process, what degrades",
  limitS: () => 240,
  async run(context) {
    const lines = await speakLines(linesOf(englishQuestions, "en"), ({ text }) => context.step(`material: ${text}`));
    const loads: Load[] = [];
    for (const others of [0, 1, 3]) {
      const load = await measureLoad(context, others, lines);
      loads.push(load);
      const busiest = Object.entries(load.cpuPercent).sort(([, a], [, b]) => b - a);
      context.step(
        `${others + 1} sessions: sound p50 ${quantile(load.soundMs, 0.5).toFixed(0)} ms, changes ${load.changes.join(", ") || "none"}; CPU ${busiest
          .slice(0, 4)
          .map(([name, percent]) => `${name} ${percent.toFixed(0)} %`)
          .join(", ")}`,
      );
      await context.keep({ sessions: loads });
    }
    return { figures: { sessions: loads }, report: reportOf(loads) };
  },
};

async function measureLoad(context: PartContext, others: number, lines: readonly SpokenLine[]): Promise<Load> {
  const { platform, signal, limit: turns = defaultTurns } = context;
  await using page = await LivePage.open(await context.browser(), { url: platform.url, language: "en", signal });
  await using stack = new AsyncDisposableStack();
  const clients: ProtocolClient[] = [];
  for (let n = 0; n < others; n++)
    clients.push(stack.use(await ProtocolClient.connect({ url: platform.url, language: "en", size, signal })));
  const stop = new AbortController();
  const talks = clients.map((client, n) => talkOn(client, n, stop.signal));
  await askAloud(page, lines[0] as SpokenLine, 0.5);
  const before = cpuOfAll(platform.processes);
  const startMs = performance.now();
  const soundMs: number[] = [];
  const frameMs: number[] = [];
  const changes: string[] = [];
  let unanswered = 0;
  for (let n = 0; n < turns; n++) {
    const turn = await askAloud(page, lines[1 + others * turns + n] as SpokenLine, listenS);
    const [sound, frame] = [afterVoiceMs(turn, turn.soundS), afterVoiceMs(turn, turn.speakingS)];
    if (sound === undefined) unanswered++;
    else soundMs.push(sound);
    if (frame !== undefined) frameMs.push(frame);
    for (const event of turn.recording.events)
      if (event.type === "troupe.output.changed") changes.push(`step ${event["step"]} (${event["reason"]}) in Chromium`);
  }
  const tookMs = performance.now() - startMs;
  const after = cpuOfAll(platform.processes);
  stop.abort();
  await Promise.all(talks);
  for (const [n, { events }] of clients.entries())
    for (const event of events)
      if (event.type === "troupe.output.changed") changes.push(`step ${event["step"]} (${event["reason"]}) at client ${n + 1}`);
  const { underruns = 0, picture } = await page.readout();
  const sound = clients.flatMap(({ units }) => [...latenessMs(units.of(Track.AUDIO, startMs, startMs + tookMs))]);
  return {
    sessions: others + 1,
    soundMs,
    frameMs,
    unanswered,
    underruns,
    picturesLeftOut: picture?.dropped ?? 0,
    picturesPerSecond: clients.map(({ units }) => (units.of(Track.VIDEO, startMs, startMs + tookMs).length * 1000) / tookMs),
    lateSoundPercent: sound.length === 0 ? 0 : (100 * sound.filter((ms) => ms > lateMs).length) / sound.length,
    changes,
    cpuPercent: Object.fromEntries([...after].map(([name, ms]) => [name, (100 * (ms - (before.get(name) ?? 0))) / tookMs])),
  };
}

/** Asks one typed question after the other. */
async function talkOn(client: ProtocolClient, offset: number, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const startMs = performance.now();
    client.type(englishQuestions[(offset * 7 + n) % englishQuestions.length] as string);
    const isDone = () =>
      client.events.some(({ type, nowMs, ...event }) => type === "troupe.response" && nowMs > startMs && event["state"] === "done");
    while (!signal.aborted && !isDone() && performance.now() - startMs < longestTurnMs)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function cpuOfAll(processes: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const platform = [...processes].map(([name, pid]) => [name, cpuMsOf(pid)] as const);
  return new Map([
    ...platform,
    ["chromium", chromiumPids().reduce((sum, pid) => sum + cpuMsOf(pid), 0)],
    ["harness", cpuMsOf(process.pid)],
  ]);
}

/** "step 1 (deadline) in Chromium" … by reason: how often, and down to which step; the whole order is in the figures. */
function summaryOf(changes: readonly string[]): string {
  const reasons = new Map<string, number>();
  for (const change of changes) {
    const reason = /\((\w+)\)/.exec(change)?.[1] ?? "?";
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const lowest = Math.max(0, ...changes.map((change) => Number(/step (\d)/.exec(change)?.[1] ?? 0)));
  return changes.length === 0
    ? "none"
    : `${[...reasons].map(([reason, count]) => `${reason} ${count}`).join(", ")}, down to step ${lowest}`;
}

function reportOf(loads: readonly Load[]): Report {
  const names = Object.keys(loads[0]?.cpuPercent ?? {});
  const p = (values: readonly number[], share: number) => (values.length === 0 ? "-" : quantile(values, share).toFixed(0));
  return {
    title: "Several sessions on one machine",
    method: [
      `One session in Chromium asks ${(loads[0]?.soundMs.length ?? 0) + (loads[0]?.unanswered ?? 0)} questions aloud (512x512 at 25 fps); beside it none, one or three clients hold sessions of the same size at the Realtime socket without decoding what they get, each asking typed questions without pause, microphone open. Platform, Chromium, clients and judge share the machine's cores. CPU time from /proc (all processes of Chromium together; the harness is this program with the clients in it).`,
      `Sound counts as late at a client when it came more than ${lateMs} ms later than the earliest unit for its time.`,
    ],
    tables: [
      {
        title: "By sessions",
        head: [
          "sessions",
          "sound p50 ms",
          "sound max ms",
          "picture p50 ms",
          "not answered",
          "underruns",
          "pictures left out",
          "pictures/s at clients",
          "late sound %",
          "changes of output",
        ],
        rows: loads.map((load) => [
          load.sessions,
          p(load.soundMs, 0.5),
          p(load.soundMs, 1),
          p(load.frameMs, 0.5),
          load.unanswered,
          load.underruns,
          load.picturesLeftOut,
          load.picturesPerSecond.map((value) => value.toFixed(1)).join(", ") || "-",
          load.lateSoundPercent.toFixed(1),
          summaryOf(load.changes),
        ]),
      },
      {
        title: "Percent of a core",
        head: ["process", ...loads.map(({ sessions }) => `${sessions} sessions`)],
        rows: names.map((name) => [name, ...loads.map(({ cpuPercent }) => (cpuPercent[name] ?? 0).toFixed(0))]),
      },
    ],
    aims: [],
    raw: loads.map((load) => ({ ...load, sound: quantilesOf(load.soundMs) })),
  };
}
