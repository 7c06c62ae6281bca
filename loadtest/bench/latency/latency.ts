import { readFile } from "node:fs/promises";
import { AudioCodec, Pacing } from "@troupe/contracts";
import { quantile } from "@troupe/report";
import { readQuestion } from "@troupe/troupe";
import { z } from "zod";
import { Caller } from "../../platform/caller.ts";
import { startSilently } from "../../platform/embedded.ts";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import { type TurnTimes, takeTurn } from "./turn-times.ts";

const defaultTurns = 32;
const recordings = ["hours", "children", "students", "bicycle"].map((name) => `models/questions/${name}.wav`);
const questionsPath = "models/knowledge/demo/evaluation.json";
const stages = ["asr", "llm", "tts", "face", "compositor"] as const;

export const latencyBenchmark: Benchmark = {
  name: "latency",
  description: "response latency by stage, typed and spoken questions, live, real models",
  counts: `typed turns, and as many spoken ones (default ${defaultTurns})`,
  limitS: 420,
  async run(context) {
    const { step, signal, count = defaultTurns } = context;
    step("loading models");
    await using platform = await startSilently();
    const options = { width: 512, height: 512, pacing: Pacing.LIVE, audioCodec: AudioCodec.AAC, microphone: true, signal };
    await using caller = await Caller.connect(platform.converse, options);
    const typed = await turns(context, "typed", caller, await typedQuestions(count));
    const spoken = await turns(context, "spoken", caller, await spokenQuestions(count));
    return reportOf(typed, spoken);
  },
};

async function typedQuestions(count: number): Promise<{ readonly text: string }[]> {
  const all = z.array(z.object({ question: z.string() })).parse(JSON.parse(await readFile(questionsPath, "utf8")));
  const stride = Math.max(1, Math.floor(all.length / count));
  return Array.from({ length: count }, (_, n) => ({ text: (all[(n * stride) % all.length] ?? { question: "Where are you?" }).question }));
}

async function spokenQuestions(count: number): Promise<{ readonly samples: Float32Array }[]> {
  const read = await Promise.all(recordings.map(readQuestion));
  const samples = read.flatMap((question) => (question.kind === "audio" ? [question.samples] : []));
  return Array.from({ length: count }, (_, n) => ({ samples: samples[n % samples.length] as Float32Array }));
}

async function turns(
  { step, signal }: BenchmarkContext,
  kind: string,
  caller: Caller,
  questions: readonly Parameters<typeof takeTurn>[1][],
): Promise<TurnTimes[]> {
  // One question to warm up is not counted.
  const results: TurnTimes[] = [];
  for (const [n, question] of [questions[0], ...questions].entries()) {
    signal.throwIfAborted();
    if (!question) continue;
    const times = await takeTurn(caller, question);
    if (n > 0) results.push(times);
    if (n % 8 === 0) step(`${kind} ${n} of ${questions.length}: first sound ${times.firstSoundMs.toFixed(0)} ms`);
  }
  return results;
}

function reportOf(typed: readonly TurnTimes[], spoken: readonly TurnTimes[]) {
  const row = (name: string, of: (times: TurnTimes) => number | undefined) => [
    name,
    ...[typed, spoken].flatMap((list) => {
      const values = list.map(of).filter((value) => value !== undefined && Number.isFinite(value)) as number[];
      return values.length === 0 ? ["-", "-"] : [quantile(values, 0.5).toFixed(0), quantile(values, 0.95).toFixed(0)];
    }),
  ];
  return {
    title: "Response latency",
    method: [
      `One live session, everything in one process, real models on the CPU, 512x512 at 25 fps with captions, H.264 and AAC. ${typed.length} typed questions (spread over ${questionsPath}) and ${spoken.length} spoken ones (${recordings.length} recordings in turn, fed in real time, 20 ms at a time, the microphone always open), one after the other; each answer is stopped shortly after its first picture. One question of each kind to warm up is not counted.`,
      "A stage's time is from its first input to its first output for the response, as it reports it; asr's from the end of the utterance. First sound and first frame are at the caller: from the last speech sample sent (typed: from sending the text) to the arrival of the first access unit that holds sound, or shows a frame, of the answer. For spoken questions they hold the silence that ends an utterance (endpoint).",
    ],
    tables: [
      {
        title: "Milliseconds",
        head: ["", "typed p50", "typed p95", "spoken p50", "spoken p95"],
        rows: [
          ...stages.map((stage) => row(stage, ({ stages: times }) => times[stage])),
          row("endpoint", ({ endpointMs }) => endpointMs),
          row("first sound", ({ firstSoundMs }) => firstSoundMs),
          row("first frame", ({ firstFrameMs }) => firstFrameMs),
        ],
      },
    ],
    aims: [],
    raw: { typed, spoken },
  };
}
