import { readFile } from "node:fs/promises";
import type { AsrBackend } from "@troupe/asr/backends";
import { isServiceError } from "@troupe/errors";
import { loadVoices, type TtsBackend } from "@troupe/tts/backends";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import type { Prompt } from "../asterisk-prompts.ts";
import { type AsrContext, spread } from "./area-context.ts";
import { applyPolicy, type EndpointTrace, traceEndpoints } from "./endpoint-trace.ts";
import { insertPause, type PausedUtterance } from "./paused-utterances.ts";
import { transcribe } from "./recognise-set.ts";
import { speak } from "./synthetic-speech.ts";

export const pauseMs = { low: 300, high: 800 };
/** The positions and lengths of the pauses; the policy was tuned on those of other seeds. */
const seed = 7_000;
/** Silence after the speech: more than any policy waits for. */
const tailMs = 1300;
/** An end so much before the last sound of speech cuts it off. */
const toleranceMs = 50;

/** An utterance with a pause in it, and what is heard of it. */
export interface EndpointCase {
  readonly utterance: PausedUtterance;
  readonly trace: EndpointTrace;
}

/** How a policy does on cases. */
export interface EndpointFigures {
  /** Utterances ended in their pause, in per cent. */
  readonly cutPercent: number;
  /** From the last sound of speech to the final transcript, of the others, in milliseconds. */
  readonly latencies: readonly number[];
}

/** @param hints what the endpointer is told of each, if not what was heard */
export function evaluate(
  cases: readonly EndpointCase[],
  policy: Partial<EndpointPolicy>,
  hints?: (index: number) => EndpointTrace["guesses"] | undefined,
): EndpointFigures {
  const outcomes = cases.map(({ utterance, trace }, index) => ({ utterance, ...applyPolicy(trace, policy, hints?.(index)) }));
  const whole = outcomes.filter(({ utterance, endMs }) => endMs >= utterance.speechEndMs - toleranceMs);
  return {
    cutPercent: (100 * (cases.length - whole.length)) / cases.length,
    latencies: whole.map(({ utterance, finalMs }) => finalMs - utterance.speechEndMs),
  };
}

export interface TraceDeps {
  readonly backend: AsrBackend;
  readonly vad: Vad;
}

/** A pause in each prompt that has room for one. */
export async function traceCases(context: AsrContext, prompts: readonly Prompt[], { backend, vad }: TraceDeps): Promise<EndpointCase[]> {
  const cases: EndpointCase[] = [];
  for (const [index, prompt] of prompts.entries()) {
    if (prompt.text.split(" ").length < 5) continue;
    const heard = await transcribe(prompt.samples, { backend, signal: context.signal, language: "en" });
    const utterance = insertPause(prompt, heard, { pauseMs, tailMs, seed: seed + index });
    if (utterance) cases.push({ utterance, trace: await traceEndpoints(utterance.samples, vad, backend, context.signal) });
  }
  return cases;
}

/** None of them asks in the measurements of the page. */
const voices = ["am_adam", "bf_isabella", "af_bella", "bm_george", "am_eric", "af_nova", "bm_daniel", "am_puck"];
const questionFiles = ["bank-train", "bank-dev", "bank-test"];
/** One sentence of five to eleven words, as one asks it aloud. */
const askedAloud = /^[A-Z][^.?!]*\?$/;
const questionCount = 72;

/** What customers ask a bank, by synthetic voices. Empty without the voices. */
export async function speakQuestions(context: AsrContext): Promise<readonly Prompt[]> {
  const tts = await openVoices(context);
  if (!tts) return [];
  await using _ = tts;
  const prompts: Prompt[] = [];
  for (const [index, text] of spread(await readQuestions(), Math.min(questionCount, context.limit ?? questionCount)).entries()) {
    const voice = voices[index % voices.length] as string;
    const language = voice.startsWith("b") ? "en-GB" : "en-US";
    prompts.push({ id: `${voice}: ${text}`, text, samples: await speak(tts, { text, language, voice }, context.cacheDir) });
  }
  return prompts;
}

async function readQuestions(): Promise<readonly string[]> {
  const files = questionFiles.map((name) => readFile(new URL(`../llm/questions/${name}.json`, import.meta.url), "utf8"));
  const asked = (await Promise.all(files)).flatMap(
    (text) => JSON.parse(text) as readonly { readonly question: string; readonly language: string }[],
  );
  return asked.flatMap(({ question, language }) => {
    const words = question.split(" ").length;
    return language === "en" && askedAloud.test(question) && words >= 5 && words <= 11 ? [question] : [];
  });
}

async function openVoices({ models, step }: AsrContext): Promise<TtsBackend | undefined> {
  try {
    return (await loadVoices({ store: models, models: ["kokoro"], allowMissing: false, preload: true, threads: 1, warn: step })).backend;
  } catch (error) {
    if (!isServiceError(error, "MODEL_MISSING") && !isServiceError(error, "INVALID_CONFIG")) throw error;
    step(`questions are left out: ${error.message}`);
    return undefined;
  }
}
