import { normaliseMandarinText } from "@troupe/asr/backends";
import { isServiceError } from "@troupe/errors";
import { loadVoices, type TtsBackend } from "@troupe/tts/backends";
import { countEdits, errorRate } from "../error-rate.ts";
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
  const written = sentences(context);
  const unnormalised = found.map(({ result }, index) => countEdits(rawCharacters(written[index] ?? ""), rawCharacters(result.text)));
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
    baseline: { name: "numbers of the sentence as written", value: errorRate(unnormalised) },
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
  const detect = async (samples: Float32Array) => {
    const options = { interim: false, deadlineMs: performance.now() + 60_000, signal: context.signal };
    return (await backend.detectLanguage?.(samples, options))?.language;
  };
  const sounds = [
    ...english.map(({ samples }) => ({ samples, spoken: "en" })),
    ...mandarin.map(({ samples }) => ({ samples, spoken: "zh" })),
  ];
  const found: { readonly spoken: string; readonly whole: string | undefined; readonly second: string | undefined }[] = [];
  for (const { samples, spoken } of sounds)
    found.push({ spoken, whole: await detect(samples), second: await detect(samples.subarray(0, sampleRateHz)) });
  const share = (right: (one: (typeof found)[number]) => boolean) => (100 * found.filter(right).length) / found.length;
  const right = (language: string) => found.filter(({ spoken, whole }) => spoken === language && whole === language).length;
  return {
    id: "language-detection",
    what: "utterances whose language is detected right, English or Mandarin, whisper-base",
    set: { name: `${promptSetName}; synthetic Mandarin`, kind: "human", size: `${english.length} English, ${mandarin.length} Mandarin` },
    value: share(({ spoken, whole }) => whole === spoken),
    unit: "%",
    better: "higher",
    baseline: { name: "always English", value: share(({ spoken }) => spoken === "en") },
    control: { name: "labels swapped", value: share(({ spoken, whole }) => whole !== undefined && whole !== spoken) },
    note: `English ${right("en")} of ${english.length}, Mandarin ${right("zh")} of ${mandarin.length}; from the first second alone ${share(({ spoken, second }) => second === spoken).toFixed(1)} %. The Mandarin is synthetic.`,
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

const sentences = ({ limit }: AsrContext) => (limit === undefined ? mandarinSentences : mandarinSentences.slice(0, limit));

async function speakAll(context: AsrContext, tts: TtsBackend): Promise<readonly Utterance[]> {
  const utterances: Utterance[] = [];
  for (const [index, text] of sentences(context).entries()) {
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
