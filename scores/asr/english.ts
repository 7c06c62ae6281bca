import type { Score } from "../score.ts";
import { type AsrContext, promptSetName, promptUtterance, spread } from "./area-context.ts";
import { englishWords } from "./english-words.ts";
import { atSnr, babble, pinkNoise } from "./noise.ts";
import {
  bootstrapRate,
  type Recognised,
  type RecognitionRun,
  rateOf,
  recogniseSet,
  shuffledRate,
  type Utterance,
} from "./recognise-set.ts";

const set = (size: string) => ({ name: promptSetName, kind: "human", size }) as const;
const percent = { unit: "%", better: "lower" } as const;

/** Word error rate of tiny.en and base on the prompts, clean and in noise. */
export async function* measureEnglish(context: AsrContext): AsyncIterable<Score> {
  const { signal, step } = context;
  const utterances = context.prompts.map(promptUtterance);
  const long = utterances.filter(({ reference }) => reference.length >= 3);
  const short = utterances.filter(({ reference }) => reference.length < 3);
  const run = { signal, language: "en", tokens: englishWords };
  step(`${long.length} prompts of three words and more, ${short.length} shorter ones`);

  await using tiny = await context.open("whisper-tiny-en");
  const clean = await recogniseSet(long, { ...run, backend: tiny });
  const shortClean = await recogniseSet(short, { ...run, backend: tiny });
  const some = spread(long, 100);
  const unpadded = await unpaddedRate(context, some);
  yield {
    id: "wer-clean",
    what: "word error rate, whisper-tiny-en, three words and more",
    set: set(`${long.length} prompts, ${words(clean)} words`),
    value: rateOf(clean),
    ...percent,
    aim: 8,
    baseline: { name: `without padding, ${some.length} of these prompts`, value: unpadded },
    control: { name: "transcripts of other prompts", value: shuffledRate(clean) },
    spread: bootstrapRate(clean),
  };
  yield {
    id: "wer-short",
    what: "word error rate, whisper-tiny-en, one or two words",
    set: set(`${short.length} prompts, ${words(shortClean)} words`),
    value: rateOf(shortClean),
    ...percent,
    control: { name: "transcripts of other prompts", value: shuffledRate(shortClean) },
    spread: bootstrapRate(shortClean),
    note: "Single letters, digits and spelling-alphabet words without any context.",
  };
  const half = spread(clean, Math.ceil(clean.length / 2));
  const halfClean = { utterances: half.map(({ utterance }) => utterance), rate: rateOf(half) };
  for (const snrDb of [20, 10, 5]) yield await inNoise(halfClean, snrDb, { ...run, backend: tiny });

  await using base = await context.open("whisper-base", { languages: ["en", "zh"] });
  const baseClean = await recogniseSet(halfClean.utterances, { ...run, backend: base });
  yield {
    id: "wer-clean-base",
    what: "word error rate, whisper-base told that it is English, three words and more",
    set: set(`${baseClean.length} prompts, ${words(baseClean)} words`),
    value: rateOf(baseClean),
    ...percent,
    baseline: { name: "whisper-tiny-en on the same", value: halfClean.rate },
    control: { name: "transcripts of other prompts", value: shuffledRate(baseClean) },
    spread: bootstrapRate(baseClean),
  };
}

async function unpaddedRate(context: AsrContext, utterances: readonly Utterance[]): Promise<number> {
  await using backend = await context.open("whisper-tiny-en", { paddingMs: { interim: 0, final: 0 } });
  return rateOf(await recogniseSet(utterances, { backend, signal: context.signal, language: "en", tokens: englishWords }));
}

/** Utterances and their error rate without noise, in per cent. */
interface CleanSet {
  readonly utterances: readonly Utterance[];
  readonly rate: number;
}

/** Every other prompt in pink noise, the others in the babble of six prompts at once. */
async function inNoise(clean: CleanSet, snrDb: number, run: RecognitionRun): Promise<Score> {
  const { utterances } = clean;
  const voices = utterances.map(({ samples }) => samples);
  const noisy = utterances.map((utterance, index) => {
    const { length } = utterance.samples;
    const others = voices.filter((_, other) => other !== index);
    const noise = index % 2 === 0 ? pinkNoise(length, index) : babble(others, length, index);
    return { ...utterance, samples: atSnr(utterance.samples, noise, snrDb) };
  });
  const found = await recogniseSet(noisy, run);
  const half = (parity: number) => rateOf(found.filter((_, index) => index % 2 === parity)).toFixed(1);
  return {
    id: `wer-snr-${snrDb}`,
    what: `word error rate, whisper-tiny-en, at a signal-to-noise ratio of ${snrDb} dB`,
    set: set(`${found.length} prompts of three words and more`),
    value: rateOf(found),
    ...percent,
    baseline: { name: "clean", value: clean.rate },
    control: { name: "transcripts of other prompts", value: shuffledRate(found) },
    spread: bootstrapRate(found),
    note: `pink noise ${half(0)} %, babble of six prompts ${half(1)} %; seeded, levels over the whole prompt.`,
  };
}

const words = (found: readonly Recognised[]) => found.reduce((sum, { edits }) => sum + edits.length, 0);
