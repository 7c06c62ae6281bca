import type { ResolvedModel } from "@troupe/model-store";
import type { HotWordBonus } from "./hot-words.ts";

export interface WhisperFiles {
  readonly encoder: string;
  readonly decoder: string;
  readonly tokenizer: string;
  readonly config: string;
}

/** When a transcription counts as failed. */
export interface WhisperThresholds {
  /** Above it the audio holds no speech, however sure the text looks: Whisper reads "you" into silence. */
  readonly certainNoSpeechProbability: number;
  /** Above it the audio holds no speech if the text is doubtful as well. */
  readonly noSpeechProbability: number;
  /** Mean natural logarithm of the token probabilities, below which a text is doubtful. */
  readonly logProbability: number;
  readonly compressionRatio: number;
}

export interface WhisperOptions {
  readonly files: WhisperFiles;
  /** BCP-47 primary subtags to choose from when the request names none. */
  readonly languages: readonly string[];
  /** Whether the model is one of many languages. */
  readonly multilingual: boolean;
  readonly thresholds: WhisperThresholds;
  /**
   * Silence after the sound. Whisper was trained on windows of 30 s; a shorter one takes less time
   * (the encoder's attention grows with its square) and the less accurate it is, the shorter the silence.
   */
  readonly paddingMs: { readonly interim: number; readonly final: number };
  readonly hotWordBonus: HotWordBonus;
}

export interface WhisperBackendOptions {
  /** One of the models whisper-… of the store. */
  readonly model: ResolvedModel;
  /** BCP-47 primary subtags that it may hear, out of the model's; detection chooses among them. Default: all of the model's. */
  readonly languages?: readonly string[];
  /** Worker threads; each loads the model. Default 1. */
  readonly threads?: number;
  /** Utterances that wait and are then decoded together, at most. Default 4. */
  readonly maxBatch?: number;
  readonly thresholds?: Partial<WhisperThresholds>;
  /** Default 10 s for finals and 7 s for interims. */
  readonly paddingMs?: Partial<WhisperOptions["paddingMs"]>;
  readonly hotWordBonus?: Partial<WhisperOptions["hotWordBonus"]>;
}

// The first is ours, between speech (under 0.2) and noise (over 0.8); the others are those of OpenAI's reference code.
const DEFAULT_THRESHOLDS: WhisperThresholds = {
  certainNoSpeechProbability: 0.8,
  noSpeechProbability: 0.6,
  logProbability: -1,
  compressionRatio: 2.4,
};

const DEFAULT_HOT_WORD_BONUS = { start: 1, next: 3 };

/** What the worker is given. */
export function defaultWhisperOptions(options: WhisperBackendOptions): WhisperOptions {
  const { model } = options;
  return {
    files: {
      encoder: model.file("encoder.onnx"),
      decoder: model.file("decoder.onnx"),
      tokenizer: model.file("tokenizer.json"),
      config: model.file("config.json"),
    },
    languages: options.languages ?? model.manifest.languages,
    multilingual: model.manifest.languages.length > 1,
    thresholds: { ...DEFAULT_THRESHOLDS, ...options.thresholds },
    paddingMs: { interim: 7_000, final: 10_000, ...options.paddingMs },
    hotWordBonus: { ...DEFAULT_HOT_WORD_BONUS, ...options.hotWordBonus },
  };
}
