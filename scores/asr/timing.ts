import type { Score } from "../score.ts";
import { type AsrContext, promptSetName, promptUtterance, sampleRateHz, spread } from "./area-context.ts";
import { quantile, transcribe } from "./recognise-set.ts";

const rounds = 3;
const waiting = 8;

/** Time per utterance when many wait, by how many are decoded together and by worker threads; the texts must not depend on it. */
export async function* measureTiming(context: AsrContext): AsyncIterable<Score> {
  const suitable = context.prompts.filter(({ samples }) => samples.length > 2 * sampleRateHz && samples.length < 6 * sampleRateHz);
  const utterances = spread(suitable, waiting).map(promptUtterance);
  let alone: number | undefined;
  let texts: readonly string[] | undefined;
  for (const threads of [1, 2]) {
    for (const maxBatch of [1, 4, 8]) {
      await using backend = await context.open("whisper-tiny-en", { threads, maxBatch });
      const times: number[] = [];
      const processorTimes: number[] = [];
      // The first round teaches the executor what runs take; batches are gathered from then on.
      for (let round = 0; round <= rounds; round++) {
        const startMs = performance.now();
        const before = process.cpuUsage();
        const results = await Promise.all(utterances.map(({ samples }) => transcribe(samples, { backend, signal: context.signal })));
        const { user, system } = process.cpuUsage(before);
        if (round > 0) {
          times.push((performance.now() - startMs) / utterances.length);
          processorTimes.push((user + system) / 1000 / utterances.length);
        }
        texts ??= results.map(({ text }) => text);
        if (results.some(({ text }, index) => text !== texts?.[index])) throw new Error(`a batch of up to ${maxBatch} changed a text`);
      }
      const median = quantile(times, 0.5);
      alone ??= median;
      yield {
        id: `time-batch-${maxBatch}-threads-${threads}`,
        what: `time per utterance, whisper-tiny-en, up to ${maxBatch} together, ${threads === 1 ? "one thread" : "two threads"}`,
        set: { name: promptSetName, kind: "human", size: `${utterances.length} prompts of 2 to 6 s that wait together` },
        value: median,
        unit: "ms",
        better: "lower",
        baseline: { name: "one by one, one thread", value: alone },
        spread: { low: Math.min(...times), high: Math.max(...times), of: `${rounds} rounds` },
        note: `${quantile(processorTimes, 0.5).toFixed(0)} ms of processor time an utterance (${Math.min(...processorTimes).toFixed(0)} to ${Math.max(...processorTimes).toFixed(0)}), which other programs on the machine disturb less.`,
      };
    }
  }
}
