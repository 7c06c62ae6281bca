import { quantile, type Report } from "@troupe/report";
import { LivePage } from "../browser/index.ts";
import { quantilesOf } from "../figures-file.ts";
import { measureLipSync } from "../judge/lip-sync.ts";
import { longAnswerTexts } from "../material/questions.ts";
import type { Part, PartContext } from "../part.ts";
import { chromiumPids, residentMibOf, slopeOf } from "../platform/process-facts.ts";
import { soundAfter } from "./interruption.ts";
import { endOf } from "./turn.ts";

const sampleEveryS = 10;
const settledMinutes = 5;
const answerS = 11;
const pauseS = 3;
const firstSoundMs = 15_000;

interface Sample {
  readonly minutes: number;
  /** Resident, in MiB, by process. */
  readonly memoryMib: Readonly<Record<string, number>>;
  /** What has come of the session's sound, on its scale, less the time that has passed: how much of it waits to be played varies. */
  readonly behindMs: number;
  readonly underruns: number;
}

interface LongRun {
  readonly minutes: number;
  readonly samples: readonly Sample[];
  /** Sound minus picture: judged from pixels and samples of each text, and as the page reports. */
  readonly judgedMs: readonly number[];
  readonly reportedMs: readonly number[];
  readonly texts: number;
}

export const longPart: Part = {
  name: "long",
  description: "one session in real time: sound against picture, memory of each process, drift against the clock",
  limitS: (minutes) => minutes * 60 + 120,
  async run(context) {
    const run = await talkFor(context);
    return { figures: figuresOf(run), report: reportOf(run) };
  },
};

async function talkFor(context: PartContext): Promise<LongRun> {
  const { minutes, step, signal, platform } = context;
  await using page = await LivePage.open(await context.browser(), { url: platform.url, language: "en", signal });
  const startMs = performance.now();
  const elapsedS = () => (performance.now() - startMs) / 1000;
  const run = { minutes, samples: [] as Sample[], judgedMs: [] as number[], reportedMs: [] as number[], texts: 0 };
  for (let nextSampleS = 0; elapsedS() < minutes * 60; ) {
    const offsetMs = await sayText(page, longAnswerTexts[run.texts++ % longAnswerTexts.length] as string, step);
    if (offsetMs !== undefined) run.judgedMs.push(offsetMs);
    const { picture, positionUs = Number.NaN, bufferedUs = Number.NaN, underruns = 0 } = await page.readout();
    if (picture?.avOffsetUs !== undefined) run.reportedMs.push(picture.avOffsetUs / 1000);
    if (elapsedS() >= nextSampleS) {
      nextSampleS += sampleEveryS;
      const behindMs = (positionUs + bufferedUs) / 1000 - elapsedS() * 1000;
      run.samples.push({ minutes: elapsedS() / 60, memoryMib: memoryOf(platform.processes), behindMs, underruns });
    }
    if (run.texts % 4 === 0)
      step(
        `${(elapsedS() / 60).toFixed(1)} of ${minutes} min: sound behind the mouth ${offsetMs?.toFixed(0) ?? "?"} ms, ${underruns} underruns`,
      );
    if (run.texts % 8 === 0) await context.keep(figuresOf(run));
    await page.pause(pauseS);
  }
  return run;
}

/** @returns how late its sound was against the mouth; undefined where nothing was said, or nothing locked */
async function sayText(page: LivePage, text: string, step: (text: string) => void): Promise<number | undefined> {
  page.forget();
  const askedS = await page.now();
  await page.send({ type: "troupe.say", text, language: "en" });
  const firstS = await soundAfter(page, askedS, firstSoundMs);
  if (firstS === undefined) return undefined;
  await page.pause(answerS);
  const recording = await page.record();
  for (const event of recording.events) if (event.type === "troupe.error") step(`error: ${JSON.stringify(event)}`);
  const sync = measureLipSync(recording.frames, { ...recording, samples: recording.output }, firstS - 0.3, endOf(recording));
  return sync.lock ? sync.offsetMs + recording.outputLatencyS * 1000 : undefined;
}

function memoryOf(processes: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const chromium = chromiumPids().reduce((sum, pid) => sum + residentMibOf(pid), 0);
  return { ...Object.fromEntries([...processes].map(([name, pid]) => [name, residentMibOf(pid)])), chromium };
}

/** Growth in MiB per 10 minutes, after the first five (or the first half of a shorter run). */
function growthOf({ samples, minutes }: LongRun, name: string): number {
  const fromMinutes = Math.min(settledMinutes, minutes / 2);
  const settled = samples.filter((sample) => sample.minutes >= fromMinutes);
  return settled.length < 3 ? Number.NaN : 10 * slopeOf(settled.map((sample) => ({ x: sample.minutes, y: sample.memoryMib[name] ?? 0 })));
}

/** Milliseconds per minute by which the session's time runs away from the clock. */
const driftOf = ({ samples }: LongRun) => slopeOf(samples.slice(1).map(({ minutes, behindMs }) => ({ x: minutes, y: behindMs })));

function figuresOf(run: LongRun) {
  const names = Object.keys(run.samples[0]?.memoryMib ?? {});
  const round = (value: number) => (Number.isFinite(value) ? Math.round(value * 100) / 100 : null);
  return {
    avOffsetMs: quantilesOf(run.judgedMs),
    memory: {
      minutes: run.minutes,
      growthMibPer10Min: Object.fromEntries(names.map((name) => [name, round(growthOf(run, name))])),
      lastMib: run.samples.at(-1)?.memoryMib ?? {},
    },
    long: {
      texts: run.texts,
      locked: run.judgedMs.length,
      reportedAvOffsetMs: quantilesOf(run.reportedMs),
      driftMsPerMinute: round(driftOf(run)),
      underruns: run.samples.at(-1)?.underruns ?? 0,
      samples: run.samples,
    },
  };
}

function reportOf(run: LongRun): Report {
  const { memory, long } = figuresOf(run);
  const names = Object.keys(memory.growthMibPer10Min);
  const at = (share: number) => (run.judgedMs.length === 0 ? Number.NaN : quantile(run.judgedMs, share));
  const [low, middle, high] = [at(0.01), at(0.5), at(0.99)];
  const ours = names.filter((name) => name !== "chromium" && name !== "nats");
  const worst = ours.toSorted((a, b) => (memory.growthMibPer10Min[b] ?? 0) - (memory.growthMibPer10Min[a] ?? 0))[0] ?? "";
  const growth = memory.growthMibPer10Min[worst] ?? Number.NaN;
  const drift = long.driftMsPerMinute ?? Number.NaN;
  return {
    title: "A long session in the browser",
    method: [
      `One session of ${run.minutes} minutes in Chromium in real time; the avatar says texts of 35 to 45 words, ${run.texts} in all, with pauses. Sound against mouth: for each text, the mouth's opening (pixels of the canvas) against the envelope of the recorded output by correlation, the output's latency added; ${run.judgedMs.length} of ${run.texts} locked. Memory: resident set from /proc every ${sampleEveryS} s or after each text; growth is a regression after the first ${settledMinutes} minutes. Drift: what has come of the session's sound, on its scale, against this program's clock, by regression.`,
    ],
    tables: [
      {
        title: "Sound behind the picture, ms",
        head: ["", "p1", "p50", "p99", "n"],
        rows: [
          ["judged from the recording", low.toFixed(0), middle.toFixed(0), high.toFixed(0), run.judgedMs.length],
          ["as the page reports", ...[0.01, 0.5, 0.99].map((share) => quantile(run.reportedMs, share).toFixed(0)), run.reportedMs.length],
        ],
      },
      {
        title: "Memory, MiB",
        head: ["process", "at the end", "growth per 10 min"],
        rows: names.map((name) => [name, (memory.lastMib[name] ?? 0).toFixed(0), memory.growthMibPer10Min[name]?.toFixed(2) ?? "-"]),
      },
    ],
    aims: [
      {
        what: "sound against picture, 98 % of the texts",
        aim: "within -45 and +125 ms",
        measured: `${low.toFixed(0)} to ${high.toFixed(0)} ms`,
        met: low >= -45 && high <= 125,
      },
      { what: "memory of our processes", aim: "<= 1 MiB per 10 min", measured: `${worst} ${growth.toFixed(2)} MiB`, met: growth <= 1 },
      {
        what: "drift against the clock",
        aim: "none (<= 1 ms a minute)",
        measured: `${drift.toFixed(2)} ms a minute`,
        met: Math.abs(drift) <= 1,
      },
    ],
    raw: run,
  };
}
