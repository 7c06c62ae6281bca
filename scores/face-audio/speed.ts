import { type MouthNet, mouthNetStepSamples } from "@troupe/face/backends";
import type { Score, ScoreSet } from "../score.ts";
import { sampleRateHz } from "./hearing-scores.ts";

const chunkSteps = 10;

/** A stream as it comes live, in pieces of 200 ms and of 20 ms. */
export async function* speedScores(net: MouthNet, set: ScoreSet, samples: Float32Array): AsyncGenerator<Score> {
  const chunks = await timesOf(net, samples, chunkSteps);
  const steps = await timesOf(net, samples.subarray(0, samples.length / 4), 1);
  const secondsOf = (count: number) => (count * mouthNetStepSamples) / sampleRateHz;
  yield {
    id: "real-time-factor",
    what: "Hearing in pieces of 200 ms: time per second of speech",
    set,
    value: median(chunks) / 1000 / secondsOf(chunkSteps),
    unit: "x real time",
    better: "lower",
    spread: { low: chunks[0] as number, high: chunks.at(-1) as number, of: "pieces, ms" },
    note: "Median over the pieces, one thread, log mel and network; the machine was shared.",
  };
  yield {
    id: "step-latency",
    what: "Hearing one step of 20 ms",
    set,
    value: median(steps),
    unit: "ms",
    better: "lower",
    spread: { low: steps[0] as number, high: steps.at(-1) as number, of: "steps" },
  };
}

/** Sorted, in milliseconds. */
async function timesOf(net: MouthNet, samples: Float32Array, steps: number): Promise<number[]> {
  const times: number[] = [];
  let state = net.firstState;
  const size = steps * mouthNetStepSamples;
  for (let from = 0; from + size <= samples.length; from += size) {
    const startMs = performance.now();
    state = (await net.hear(state, samples.slice(from, from + size))).state;
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b);
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] as number;
}
