import { normaliseMandarinText } from "@troupe/asr/backends";
import { isServiceError } from "@troupe/errors";
import { loadVoices, type TtsBackend } from "@troupe/tts/backends";
import type { Score } from "../score.ts";
import { type AsrContext, promptSetName, sampleRateHz, spread } from "./area-context.ts";
import { mandarinSentences } from "./mandarin-sentences.ts";
import { bootstrapRate, rateOf, recogniseSet, shuffledRate, type Utterance } from "./recognise-set.ts";
import { speak } from "./synthetic-speech.ts";

/** One woman's and one man's voice of Kokoro; nothing in recognition was tuned on either, or on any Mandarin. */
const voices = ["zf_xiaoxiao", "zm_yunxi"];

/** Character error rate on synthetic Mandarin, and how well the two languages are told apart. */
export async function* measureMandarin(context: AsrContext): AsyncIterable<Score> {
  const tts = await openVoices(context);
  if (!tts) return;
  await using _ = tts;
  const utterances = await speakAll(context, tts);
  await using base = await context.open("whisper-base", { languages: ["en", "zh"] });
  const run = { backend: base, signal: context.signal, tokens: characters };
  const found = await recogniseSet(utterances, { ...run, language: "zh" });
  const raw = await recogniseSet(utterances, { ...run, language: "zh", tokens: rawCharacters });
  const set = {
    name: `own sentences, Kokoro's ${voices.join(" and ")}`,
    kind: "synthetic",
    size: `${utterances.length} sentences`,
  } as const;
  yield {
    id: "cer-mandarin",
    what: "character error rate, Mandarin, whisper-base told the language",
    set,
    value: rateOf(found),
    unit: "%",
    better: "lower",
    baseline: { name: "numbers not normalised", value: rateOf(raw) },
    control: { name: "transcripts of other sentences", value: shuffledRate(found) },
    spread: bootstrapRate(found),
    note: `By voice: ${byVoice(found)}. Synthetic speech only; no human Mandarin was tested.`,
  };
  yield await detection(context, base, utterances);
}

async function detection(
  context: AsrContext,
  backend: Awaited<ReturnType<AsrContext["open"]>>,
  mandarin: readonly Utterance[],
): Promise<Score> {
  const english = spread(
    context.prompts.filter(({ samples, text }) => samples.length >= sampleRateHz && text.split(" ").length >= 3),
    mandarin.length,
  );
  const rights = async (sounds: readonly Float32Array[], language: string, seconds: number) => {
    let right = 0;
    for (const sound of sounds) {
      const options = { interim: false, deadlineMs: performance.now() + 60_000, signal: context.signal };
      const found = await backend.detectLanguage?.(sound.subarray(0, seconds * sampleRateHz), options);
      if (found?.language === language) right++;
    }
    return right;
  };
  const sounds = { en: english.map(({ samples }) => samples), zh: mandarin.map(({ samples }) => samples) };
  const total = sounds.en.length + sounds.zh.length;
  const [en, zh] = [await rights(sounds.en, "en", 30), await rights(sounds.zh, "zh", 30)];
  const early = (await rights(sounds.en, "en", 1)) + (await rights(sounds.zh, "zh", 1));
  const flipped = (await rights(sounds.en, "zh", 30)) + (await rights(sounds.zh, "en", 30));
  return {
    id: "language-detection",
    what: "utterances whose language is detected right, English or Mandarin, whisper-base",
    set: { name: `${promptSetName}; synthetic Mandarin`, kind: "human", size: `${sounds.en.length} English, ${sounds.zh.length} Mandarin` },
    value: (100 * (en + zh)) / total,
    unit: "%",
    better: "higher",
    baseline: { name: "always English", value: (100 * sounds.en.length) / total },
    control: { name: "labels swapped", value: (100 * flipped) / total },
    note: `English ${en} of ${sounds.en.length}, Mandarin ${zh} of ${sounds.zh.length}; from the first second alone ${((100 * early) / total).toFixed(1)} %. The Mandarin is synthetic.`,
  };
}

async function openVoices(context: AsrContext): Promise<TtsBackend | undefined> {
  try {
    const options = { store: context.models, allowMissing: false, preload: true, threads: 1, warn: context.step };
    return (await loadVoices({ ...options, models: ["default-tts-zh"] })).backend;
  } catch (error) {
    if (!isServiceError(error, "MODEL_MISSING") && !isServiceError(error, "INVALID_CONFIG")) throw error;
    context.step(`Mandarin is left out: ${error.message}`);
    return undefined;
  }
}

async function speakAll(context: AsrContext, tts: TtsBackend): Promise<readonly Utterance[]> {
  const sentences = context.limit === undefined ? mandarinSentences : mandarinSentences.slice(0, context.limit);
  const utterances: Utterance[] = [];
  for (const [index, text] of sentences.entries()) {
    const voice = voices[index % voices.length] as string;
    const samples = await speak(tts, { text, language: "zh-CN", voice }, context.cacheDir);
    utterances.push({ id: `${voice}-${index}`, samples, reference: characters(text) });
  }
  return utterances;
}

/** Simplified, numbers in digits, nothing but letters, digits and Han. */
function characters(text: string): readonly string[] {
  return rawCharacters(normaliseMandarinText(text));
}

function rawCharacters(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{Script=Han}a-z\d%]/gu) ?? [];
}

function byVoice(found: Awaited<ReturnType<typeof recogniseSet>>): string {
  return voices
    .map((voice) => `${voice} ${rateOf(found.filter(({ utterance }) => utterance.id.startsWith(voice))).toFixed(1)} %`)
    .join(", ");
}
