import { createVad, defaultEndpointPolicy, type EndpointPolicy } from "@troupe/vad";
import { loadAsteriskPrompts } from "../asterisk-prompts.ts";
import type { Score, ScoreArea } from "../score.ts";
import { type AsrContext, createAsrContext, promptSetName } from "./area-context.ts";
import { applyPolicy, type EndpointTrace, traceEndpoints } from "./endpoint-trace.ts";
import { insertPause, type PausedUtterance } from "./paused-utterances.ts";
import { quantile, transcribe } from "./recognise-set.ts";

/** The positions and lengths of the pauses; the policy was tuned on those of other seeds. */
const seed = 7_000;
const pauseMs = { low: 300, high: 800 };
/** An end so much before the last sound of speech cuts it off. */
const toleranceMs = 50;

interface Case {
  readonly utterance: PausedUtterance;
  readonly trace: EndpointTrace;
}

interface Curve {
  readonly cutPercent: number;
  readonly latencies: readonly number[];
}

export const endpointingScores: ScoreArea = {
  name: "endpointing",
  description: "the end of an utterance",
  method: [
    "Single-sentence prompts of the Asterisk telephone exchange (one professional speaker) with a pause of 300 to 800 ms put between two words, " +
      "at the quietest moment near a boundary that a seeded choice takes; the pause holds faint noise. People who hesitate also stretch the " +
      "word before and change their melody: these pauses do not. The policy was tuned on the same prompts with pauses elsewhere.",
    "The sound goes through the VAD; at 96 ms of silence whisper-tiny-en recognises what came so far, as the asr stage does; the " +
      "endpointer is told what it hears, when it hears it, as the gateway does. The last sound of speech is the last 10 ms frame within 35 dB " +
      "of the loudest, before the pause is put in: the VAD's own delay counts in. Times are those of the sound plus the processor time of " +
      "recognition: what a core that is not shared takes. Without the network.",
  ],
  async *measure(context) {
    const prompts = await loadAsteriskPrompts({ cacheDir: context.cacheDir, signal: context.signal });
    yield* measureEndpointing(createAsrContext(context, prompts));
  },
};

/** How often the endpointer ends an utterance in its pause, and how long after the speech its final transcript is there. */
async function* measureEndpointing(context: AsrContext): AsyncIterable<Score> {
  const cases = await traceAll(context);
  const set = { name: `${promptSetName} with pauses of 300 to 800 ms put in`, kind: "human", size: `${cases.length} utterances` } as const;
  const fixed = (hangoverMs: number) => evaluate(cases, { hangoverMs, completeHangoverMs: hangoverMs });
  const adaptive = evaluate(cases, {});
  const before = fixed(600);
  const misled = evaluate(cases, {}, (index) => cases[(index + 1) % cases.length]?.trace.guesses);
  const { hangoverMs, completeHangoverMs, completeConfidence } = defaultEndpointPolicy;
  yield {
    id: "endpoint-cut",
    what: "utterances ended in their pause, default policy",
    set,
    value: adaptive.cutPercent,
    unit: "%",
    better: "lower",
    aim: 5,
    baseline: { name: "600 ms of silence", value: before.cutPercent },
    control: { name: `${completeHangoverMs} ms of silence, whatever is heard`, value: fixed(completeHangoverMs).cutPercent },
    note: `${completeHangoverMs} ms where recognition hears a finished sentence (last word at least ${completeConfidence} sure), else ${hangoverMs} ms.`,
  };
  yield {
    id: "endpoint-final",
    what: "final transcript after the last sound of speech, default policy, median",
    set,
    value: quantile(adaptive.latencies, 0.5),
    unit: "ms",
    better: "lower",
    aim: 400,
    baseline: { name: "600 ms of silence", value: quantile(before.latencies, 0.5) },
    control: { name: "hints of other utterances", value: quantile(misled.latencies, 0.5) },
    spread: { low: quantile(adaptive.latencies, 0.1), high: quantile(adaptive.latencies, 0.9), of: "10 % to 90 % of the utterances" },
    note: `Of the utterances that were not cut. Recognition took ${quantile(recognitionMs(cases), 0.5).toFixed(0)} ms, median, ${(recognitionMs(cases).length / cases.length).toFixed(1)} times an utterance.`,
  };
  const points: readonly (readonly [string, Partial<EndpointPolicy>])[] = [
    ...[300, 400, 600, 900].map((ms) => [`silence of ${ms} ms`, { hangoverMs: ms, completeHangoverMs: ms }] as const),
    ...[0.8, 0.84, 0.86, 0.88, 0.9, 0.92].map((sure) => [`adaptive, at least ${sure} sure`, { completeConfidence: sure }] as const),
  ];
  for (const [name, policy] of points) {
    const point = evaluate(cases, policy);
    yield {
      id: `endpoint-curve-${name.replaceAll(/[^a-z0-9]+/g, "-")}`,
      what: `curve: ${name}: final transcript, median`,
      set,
      value: quantile(point.latencies, 0.5),
      unit: "ms",
      better: "lower",
      note: `${point.cutPercent.toFixed(1)} % cut off; 90 % within ${quantile(point.latencies, 0.9).toFixed(0)} ms, mean ${mean(point.latencies).toFixed(0)} ms.`,
    };
  }
}

async function traceAll(context: AsrContext): Promise<readonly Case[]> {
  await using backend = await context.open("whisper-tiny-en");
  await using vad = await createVad({ model: await context.models.resolve("silero-vad"), patienceMs: 600_000 });
  const cases: Case[] = [];
  for (const [index, prompt] of context.prompts.entries()) {
    if (prompt.text.split(" ").length < 5) continue;
    const heard = await transcribe(prompt.samples, { backend, signal: context.signal, language: "en" });
    const utterance = insertPause(prompt, heard, { pauseMs, tailMs: 1300, seed: seed + index });
    if (utterance) cases.push({ utterance, trace: await traceEndpoints(utterance.samples, vad, backend, context.signal) });
  }
  context.step(`${cases.length} utterances with a pause`);
  return cases;
}

function evaluate(
  cases: readonly Case[],
  policy: Partial<EndpointPolicy>,
  hints?: (index: number) => EndpointTrace["guesses"] | undefined,
): Curve {
  const outcomes = cases.map(({ utterance, trace }, index) => ({ utterance, ...applyPolicy(trace, policy, hints?.(index)) }));
  const whole = outcomes.filter(({ utterance, endMs }) => endMs >= utterance.speechEndMs - toleranceMs);
  return {
    cutPercent: (100 * (cases.length - whole.length)) / cases.length,
    latencies: whole.map(({ utterance, finalMs }) => finalMs - utterance.speechEndMs),
  };
}

const recognitionMs = (cases: readonly Case[]) => cases.flatMap(({ trace }) => trace.guesses.map(({ fromMs, atMs }) => atMs - fromMs));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
