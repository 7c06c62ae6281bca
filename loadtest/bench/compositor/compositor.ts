import { compositorConfig, createCompositorService } from "@troupe/compositor";
import { formatSpread, median, spreadOf } from "@troupe/report";
import { createLogger, readConfig } from "@troupe/service";
import { Registry } from "prom-client";
import { speakAnswer } from "../../platform/spoken-answer.ts";
import type { Benchmark } from "../benchmark.ts";
import { profileDrawing } from "./drawing-profile.ts";
import { countMajorCollections } from "./major-collections.ts";
import { type PresentedRun, presentOnce } from "./presented-run.ts";

const sidePx = 512;
const defaultRuns = 7;
const aimFramesPerCpuSecond = 200;
const sentences = [
  "On Sundays the museum is open from ten in the morning to five in the afternoon.",
  "A ticket costs twelve euros for adults and four euros for children, and the first Thursday evening of each month is free.",
  "You can get here by tram, bus, ferry, bicycle or car; the nearest stop is right in front of the house.",
];

export const compositorBenchmark: Benchmark = {
  name: "compositor",
  description: "frames per CPU-second of the presenter: avatar, captions, label, H.264 and AAC at 512x512",
  counts: `measured runs, each the whole answer (default ${defaultRuns})`,
  limitS: 180,
  async run({ step, signal, count = defaultRuns }) {
    step("speaking the answer");
    const answer = await speakAnswer(sentences);
    const env = { ...process.env, TROUPE_GRANT_KEY: crypto.randomUUID() };
    const deps = { logger: createLogger("bench", "error"), metrics: new Registry() };
    await using compositor = await createCompositorService(readConfig(compositorConfig, env), deps);
    const present = async (side: number): Promise<PresentedRun> => {
      signal.throwIfAborted();
      return await presentOnce(compositor.stage, answer, side);
    };
    step("warming up");
    await present(sidePx);
    const runs: PresentedRun[] = [];
    const soundOnly: PresentedRun[] = [];
    for (let n = 0; n < count; n++) {
      runs.push(await present(sidePx));
      soundOnly.push(await present(0));
      step(`run ${n + 1} of ${count}: ${perCpuSecond(runs.at(-1) as PresentedRun).toFixed(0)} frames per CPU-second`);
    }
    step("profiling");
    const collections = countMajorCollections();
    const { frames } = await present(sidePx);
    const per100 = ((await collections.stop()) / frames) * 100;
    const shares = await profileDrawing(async () => void (await present(sidePx)));
    return reportOf(runs, soundOnly, { shares, per100 }, answer.durationMs);
  },
};

const perCpuSecond = ({ frames, cpuMs }: PresentedRun) => (frames / cpuMs) * 1000;

interface Profile {
  readonly shares: ReadonlyMap<string, number>;
  /** Major garbage collections for each 100 frames. */
  readonly per100: number;
}

function reportOf(runs: readonly PresentedRun[], soundOnly: readonly PresentedRun[], profile: Profile, answerMs: number) {
  const speed = spreadOf(runs.map(perCpuSecond));
  const frameMs = (of: (run: PresentedRun) => number) => median(runs.map((run) => of(run) / run.frames));
  const threadMs = frameMs((run) => run.threadMs);
  const encoderMs = frameMs((run) => run.cpuMs - run.threadMs);
  const soundMs = median(soundOnly.map((run) => run.cpuMs)) / (runs[0]?.frames ?? 1);
  const frames = runs[0]?.frames ?? 0;
  const { shares, per100 } = profile;
  return {
    title: "The presenter: frames per CPU-second",
    method: [
      `The default avatar says ${sentences.length} sentences (${(answerMs / 1000).toFixed(1)} s, ${frames} frames of ${sidePx}x${sidePx} at 25 fps) with captions and label. Speech and motion come from the real voice and the real face beforehand. The compositor's own stage presents them unpaced: it draws, captions, labels, reads back, encodes H.264 (1.2 Mbit/s) and AAC, and writes its packets to a sink in memory.`,
      "CPU time is user and system time of the whole process (`process.cpuUsage`), encoder threads included, from opening the stage to the last encoded frame. The share of the drawing thread is `process.threadCpuUsage`; its parts are from V8's sampling profiler (0.5 ms) in a run of its own. One run to warm up is not counted. Sound alone is the same answer voice only.",
    ],
    tables: [
      {
        title: "Speed",
        head: ["what", "median (range)"],
        rows: [
          ["frames per CPU-second", formatSpread(speed)],
          [
            "frames per second of wall time, one session",
            formatSpread(spreadOf(runs.map(({ frames: count, wallMs }) => (count / wallMs) * 1000))),
          ],
          ["sessions at 25 fps per core", formatSpread(spreadOf(runs.map((run) => perCpuSecond(run) / 25)), 1)],
          ["major garbage collections per 100 frames", per100.toFixed(1)],
          ["video, kbit/s", formatSpread(spreadOf(runs.map((run) => (run.videoBytes * 8) / (run.frames / 25) / 1000)))],
        ],
      },
      {
        title: "CPU time of a frame by part",
        head: ["part", "ms", "share"],
        rows: [
          ...[...shares].map(([part, share]) => [
            part,
            (share * threadMs).toFixed(2),
            percent((share * threadMs) / (threadMs + encoderMs)),
          ]),
          ["encoder and other threads (V8's own among them)", encoderMs.toFixed(2), percent(encoderMs / (threadMs + encoderMs))],
          ["all", (threadMs + encoderMs).toFixed(2), "100 %"],
          ["for comparison: sound alone, all threads", soundMs.toFixed(2), percent(soundMs / (threadMs + encoderMs))],
        ],
      },
    ],
    aims: [
      {
        what: "frames per CPU-second, 512x512",
        aim: `>= ${aimFramesPerCpuSecond}`,
        measured: speed.median.toFixed(0),
        met: speed.median >= aimFramesPerCpuSecond,
      },
    ],
    raw: { runs, soundOnly, majorCollectionsPer100: per100, shares: Object.fromEntries(shares) },
  };
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
