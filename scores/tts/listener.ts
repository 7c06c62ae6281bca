import { type AsrBackend, createWhisperBackend } from "@troupe/asr/backends";
import { createResampler } from "@troupe/audio";
import { isServiceError } from "@troupe/errors";
import type { ModelStore } from "@troupe/model-store";
import { countEdits, type Edits } from "../error-rate.ts";
import { chineseTokens } from "./chinese-tokens.ts";
import { englishTokens } from "./english-tokens.ts";
import type { Spoken } from "./spoken.ts";

/** Writes down what it hears. */
export interface Listener extends AsyncDisposable {
  readonly model: string;
  /** Those it can. */
  readonly languages: readonly string[];
  hear(sound: Pick<Spoken, "samples" | "sampleRateHz">, language: "en" | "zh"): Promise<string>;
}

const enoughMs = 120_000;

/** Whisper base where it is, else Whisper tiny.en, which knows no Chinese. */
export async function createListener(models: ModelStore): Promise<Listener> {
  const base = await models.resolve("whisper-base").catch((thrown) => {
    if (isServiceError(thrown, "MODEL_MISSING") || isServiceError(thrown, "MODEL_UNKNOWN")) return undefined;
    throw thrown;
  });
  const languages = base ? ["en", "zh"] : ["en"];
  const model = base ?? (await models.resolve("whisper-tiny-en"));
  const asr = await createWhisperBackend({ model, languages });
  return {
    model: model.manifest.id,
    languages,
    hear: (sound, language) => transcribe(asr, sound, language),
    [Symbol.asyncDispose]: () => asr[Symbol.asyncDispose](),
  };
}

async function transcribe(asr: AsrBackend, sound: Pick<Spoken, "samples" | "sampleRateHz">, language: string): Promise<string> {
  using resampler = await createResampler({ fromHz: sound.sampleRateHz, toHz: 16_000 });
  const [start, end] = [resampler.push(sound.samples), resampler.flush()];
  const samples = new Float32Array(start.length + end.length);
  samples.set(start);
  samples.set(end, start.length);
  const { text } = await asr.transcribe(samples, { language, interim: false, deadlineMs: performance.now() + enoughMs });
  return text;
}

/** The edits from what should have been said to what was heard, both normalised alike: words in English, characters in Chinese. */
export function editsOf(said: string, heard: string, language: "en" | "zh"): Edits {
  const tokens = language === "en" ? englishTokens : chineseTokens;
  return countEdits(tokens(said), tokens(heard));
}
