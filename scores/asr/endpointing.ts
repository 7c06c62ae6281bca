import { createVad, defaultEndpointPolicy, type EndpointPolicy } from "@troupe/vad";
import { loadAsteriskPrompts } from "../asterisk-prompts.ts";
import type { Score, ScoreArea, ScoreSet } from "../score.ts";
import { type AsrContext, createAsrContext, promptSetName } from "./area-context.ts";
import { type EndpointCase, evaluate, pauseMs, speakQuestions, traceCases } from "./endpoint-cases.ts";
import { fitGradedHangover, mean } from "./hangover-fit.ts";
import { quantile } from "./recognise-set.ts";

const withPauses = `with pauses of ${pauseMs.low} to ${pauseMs.high} ms put in`;
const fixed = (hangoverMs: number): Partial<EndpointPolicy> => ({ hangoverMs, gradedHangover: [] });
const baselinePolicy = fixed(600);
const baselineName = "600 ms of silence";
const shortestMs = Math.min(...defaultEndpointPolicy.gradedHangover.map(({ silenceMs }) => silenceMs));

export const endpointingScores: ScoreArea = {
  name: "endpointing",
  description: "the end of an utterance",
  method: [
    "Single-sentence prompts of the Asterisk telephone exchange (one professional speaker) with a pause of 300 to 800 ms put between two words, " +
      "at the quietest moment near a boundary that a seeded choice takes; the pause holds faint noise. People who hesitate also stretch the " +
      "word before and change their melody: these pauses do not. The policy was tuned on the same prompts with pauses elsewhere; that it holds " +
      "for other sentences is told by the figures of two halves. Questions to a bank by eight synthetic voices, with pauses likewise, were not used for it.",
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
  await using backend = await context.open("whisper-tiny-en");
  await using vad = await createVad({ model: await context.models.resolve("silero-vad"), patienceMs: 600_000 });
  const cases = await traceCases(context, context.prompts, { backend, vad });
  const set = { name: `${promptSetName} ${withPauses}`, kind: "human", size: `${cases.length} utterances` } as const;
  context.step(`${set.size} with a pause`);
  yield cutScore("endpoint-cut", cases, set);
  yield finalScore("endpoint-final", cases, set);
  yield* heldOut(cases, set);
  const asked = await traceCases(context, await speakQuestions(context), { backend, vad });
  const questions = {
    name: `questions to a bank, eight synthetic voices, ${withPauses}`,
    kind: "synthetic",
    size: `${asked.length} utterances`,
  } as const;
  if (asked.length > 0) {
    yield cutScore("endpoint-cut-questions", asked, questions);
    yield finalScore("endpoint-final-questions", asked, questions);
  }
  yield* curve(cases, set);
}

function cutScore(id: string, cases: readonly EndpointCase[], set: ScoreSet): Score {
  const { gradedHangover, hangoverMs } = defaultEndpointPolicy;
  const points = gradedHangover.map(({ completeness, silenceMs }) => `${silenceMs} ms where it is ${completeness} sure`).join(", ");
  return {
    id,
    what: "utterances ended in their pause, default policy",
    set,
    value: evaluate(cases, {}).cutPercent,
    unit: "%",
    better: "lower",
    aim: 5,
    baseline: { name: baselineName, value: evaluate(cases, baselinePolicy).cutPercent },
    control: { name: `${shortestMs} ms of silence, whatever is heard`, value: evaluate(cases, fixed(shortestMs)).cutPercent },
    note: `By how sure recognition is that a sentence ends: ${points}, in proportion between; else ${hangoverMs} ms.`,
  };
}

function finalScore(id: string, cases: readonly EndpointCase[], set: ScoreSet): Score {
  const { latencies } = evaluate(cases, {});
  const misled = evaluate(cases, {}, (index) => cases[(index + 1) % cases.length]?.trace.guesses);
  const recognitionMs = cases.flatMap(({ trace }) => trace.guesses.map(({ fromMs, atMs }) => atMs - fromMs));
  return {
    id,
    what: "final transcript after the last sound of speech, default policy, median",
    set,
    value: quantile(latencies, 0.5),
    unit: "ms",
    better: "lower",
    aim: 400,
    baseline: { name: baselineName, value: quantile(evaluate(cases, baselinePolicy).latencies, 0.5) },
    control: { name: "hints of other utterances", value: quantile(misled.latencies, 0.5) },
    spread: { low: quantile(latencies, 0.1), high: quantile(latencies, 0.95), of: "10 % to 95 % of the utterances" },
    note: `Of the utterances that were not cut; mean ${mean(latencies).toFixed(0)} ms. Recognition took ${quantile(recognitionMs, 0.5).toFixed(0)} ms, median, ${(recognitionMs.length / cases.length).toFixed(1)} times an utterance.`,
  };
}

/** The same choice of policy made on one half of the sentences and read on the other, both ways. */
async function* heldOut(cases: readonly EndpointCase[], set: ScoreSet): AsyncIterable<Score> {
  // By id, so that prompts of one kind stay together.
  const middle = Math.ceil(cases.length / 2);
  const halves = [cases.slice(0, middle), cases.slice(middle)] as const;
  const read = [halves, [halves[1], halves[0]] as const].map(([tuned, other]) => {
    const gradedHangover = fitGradedHangover(tuned);
    return { gradedHangover, tuned: evaluate(tuned, { gradedHangover }), other: evaluate(other, { gradedHangover }), count: other.length };
  });
  const chosen = read.map(({ gradedHangover }) =>
    gradedHangover.map(({ completeness, silenceMs }) => `${silenceMs} ms at ${completeness}`).join(", "),
  );
  const cut = (of: "tuned" | "other") => read.reduce((sum, one) => sum + one[of].cutPercent * one.count, 0) / cases.length;
  const latencies = read.flatMap(({ other }) => other.latencies);
  yield {
    id: "endpoint-cut-held-out",
    what: "utterances ended in their pause, policy chosen on the other half of the sentences",
    set,
    value: cut("other"),
    unit: "%",
    better: "lower",
    baseline: { name: "on the half it was chosen on", value: cut("tuned") },
    note: `Chosen: ${chosen.join("; and ")}. Final transcript within ${quantile(latencies, 0.5).toFixed(0)} ms (median), ${quantile(latencies, 0.95).toFixed(0)} ms (95 %).`,
  };
}

async function* curve(cases: readonly EndpointCase[], set: ScoreSet): AsyncIterable<Score> {
  const points: readonly (readonly [string, Partial<EndpointPolicy>])[] = [
    ...[300, 400, 600, 900].map((ms) => [`silence of ${ms} ms`, fixed(ms)] as const),
    ...[0.8, 0.85, 0.9, 0.95].map((completeness) => {
      return [`290 ms where it is at least ${completeness} sure`, { gradedHangover: [{ completeness, silenceMs: 290 }] }] as const;
    }),
  ];
  for (const [name, policy] of points) {
    const { cutPercent, latencies } = evaluate(cases, policy);
    yield {
      id: `endpoint-curve-${name.replaceAll(/[^a-z0-9]+/g, "-")}`,
      what: `curve: ${name}: final transcript, median`,
      set,
      value: quantile(latencies, 0.5),
      unit: "ms",
      better: "lower",
      note: `${cutPercent.toFixed(1)} % cut off; 95 % within ${quantile(latencies, 0.95).toFixed(0)} ms, mean ${mean(latencies).toFixed(0)} ms.`,
    };
  }
}
