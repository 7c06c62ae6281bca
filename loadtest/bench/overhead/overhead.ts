import { Pacing } from "@troupe/contracts";
import { quantile } from "@troupe/report";
import type { Converse } from "@troupe/troupe";
import { startSilently, stubBackends } from "../../platform/embedded.ts";
import { startProcesses } from "../../platform/processes.ts";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import { measurePath, type PathRun, pathText } from "./path-latency.ts";
import { type CpuRun, cpuText, measureCpu } from "./session-cpu.ts";
import { measureStub, type StubTime } from "./stub-time.ts";

const defaultTurns = 200;
const cpuSeconds = 6;
const manySessions = 10;
const aims = { oneMs: 5, manyMs: 8, percent: 0.65 };

interface Measured {
  readonly name: string;
  readonly paths: readonly PathRun[];
  readonly cpu: readonly CpuRun[];
}

export const overheadBenchmark: Benchmark = {
  name: "overhead",
  description: "what the platform adds: stub backends, voice only; in one process, and in seven over NATS",
  counts: `answers timed for each figure (default ${defaultTurns})`,
  limitS: 300,
  async run(context) {
    const { step } = context;
    step("the stubs alone");
    const stub = await measureStub(pathText);
    const talk = await measureStub(cpuText);
    const results: Measured[] = [];
    {
      step("everything in one process");
      await using platform = await startSilently(stubBackends);
      const cpuMs = () => {
        const { user, system } = process.cpuUsage();
        return { embedded: (user + system) / 1000 };
      };
      results.push(await measureAll("embedded", platform.converse, cpuMs, context));
    }
    step("a process for each service, over NATS");
    await using processes = await startProcesses();
    results.push(await measureAll("processes", processes.converse, processes.cpuMs, context));
    return reportOf(results, stub, talk);
  },
};

async function measureAll(
  name: string,
  converse: Converse,
  cpuMs: () => Readonly<Record<string, number>>,
  context: BenchmarkContext,
): Promise<Measured> {
  const { step, signal, count = defaultTurns } = context;
  const paths: PathRun[] = [];
  for (const pacing of [Pacing.UNPACED, Pacing.LIVE])
    for (const sessions of [1, manySessions]) {
      // Live, an answer takes its time.
      const turns = pacing === Pacing.LIVE && sessions === 1 ? Math.min(count, 25) : count;
      const run = await measurePath(converse, { sessions, pacing, turns, signal });
      paths.push(run);
      step(`${name}, ${run.pacing}, ${sessions} sessions: p50 ${quantile(run.firstAudioMs, 0.5).toFixed(1)} ms`);
    }
  const cpu: CpuRun[] = [];
  for (const [what, speaking, microphone] of [
    ["silent, microphone closed", false, false],
    ["speaking, microphone closed", true, false],
    ["speaking, microphone open", true, true],
  ] as const) {
    const run = await measureCpu(converse, cpuMs, { what, speaking, microphone, sessions: manySessions, seconds: cpuSeconds, signal });
    cpu.push(run);
    step(`${name}, ${what}: ${run.totalPercent.toFixed(2)} % of a core per session`);
  }
  return { name, paths, cpu };
}

function reportOf(results: readonly Measured[], stub: StubTime, talk: StubTime) {
  const added = (name: string, sessions: number) => {
    const path = results.find((result) => result.name === name)?.paths.find((run) => run.pacing === "unpaced" && run.sessions === sessions);
    return quantile(path?.firstAudioMs ?? [], 0.5) - stub.wallMs;
  };
  const speaking = results[0]?.cpu[1]?.totalPercent ?? Number.NaN;
  const stubPercent = (talk.cpuMs / talk.speechMs) * 100;
  const aim = (what: string, limit: number, measured: number, unit: string) => ({
    what,
    aim: `<= ${limit} ${unit}`,
    measured: `${measured.toFixed(2)} ${unit}`,
    met: measured <= limit,
  });
  return {
    title: "What the platform adds",
    method: [
      `Stub backends in every stage, voice only, sound as PCM in frames of 40 ms (the presenter's tick). A typed prompt ("${pathText}") goes through gateway, llm, tts, face and presenter and back; timed is from sending it to the arrival of the first access unit with sound of the answer, in one session and in ${manySessions} at once, each on its own random rhythm; the first two answers of each session are not counted.`,
      `Unpaced, the presenter presents as soon as its inputs are there: this is the way itself. Live, it also waits for its clock, which ticks every 40 ms (20 ms on average). What the stub voice itself takes for the answer (${stub.wallMs.toFixed(2)} ms, median, called without a bus) is taken off where it says "added".`,
      `CPU time: ${manySessions} live sessions for ${cpuSeconds} s, user and system time of all processes over wall time and sessions; in one process the callers are part of it, and of ${speaking.toFixed(2)} % for a speaking session ${stubPercent.toFixed(2)} % is the stub voice. With the microphone open, 20 ms of sound a time go through the real voice activity detector.`,
      "Processes: gateway and five stages as processes of their own, a real nats-server and gRPC on loopback.",
    ],
    tables: [
      {
        title: "Prompt to first sound, milliseconds",
        head: ["", "sessions", "clock", "answers", "p50", "p99", "added p50", "added p99"],
        rows: results.flatMap(({ name, paths }) =>
          paths.map(({ sessions, pacing, firstAudioMs }) => {
            const [p50, p99] = [quantile(firstAudioMs, 0.5), quantile(firstAudioMs, 0.99)];
            const less = (ms: number) => (ms - stub.wallMs).toFixed(2);
            return [name, sessions, pacing, firstAudioMs.length, p50.toFixed(2), p99.toFixed(2), less(p50), less(p99)];
          }),
        ),
      },
      {
        title: `CPU, percent of a core per session, ${manySessions} sessions`,
        head: ["", "sessions are", "percent", "by process"],
        rows: results.flatMap(({ name, cpu }) =>
          cpu.map(({ what, totalPercent, percentPerSession }) => [
            name,
            what,
            totalPercent.toFixed(2),
            Object.entries(percentPerSession)
              .map(([process, percent]) => `${process} ${percent.toFixed(2)}`)
              .join(", "),
          ]),
        ),
      },
    ],
    aims: [
      aim("embedded, added p50, 1 session", aims.oneMs, added("embedded", 1), "ms"),
      aim(`embedded, added p50, ${manySessions} sessions`, aims.manyMs, added("embedded", manySessions), "ms"),
      aim("embedded, core per speaking session, microphone closed, stub voice taken off", aims.percent, speaking - stubPercent, "%"),
    ],
    raw: { stub, talk, results },
  };
}
