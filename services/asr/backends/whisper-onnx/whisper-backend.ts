import { isServiceError, ServiceError } from "@troupe/errors";
import { createExecutor } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import type { AsrBackend, DetectedLanguage, TranscribeOptions, Transcription } from "../backend.ts";
import { checkRequest, nothingSaid, primarySubtag, untilDeadline } from "../transcribe-request.ts";
import type { RecogniseArgument, WhisperOptions, WhisperThresholds } from "./recogniser.ts";

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

/** Whisper's window. */
export const WHISPER_MAX_AUDIO_MS = 30_000;
// The first is ours, between speech (under 0.2) and noise (over 0.8); the others are those of OpenAI's reference code.
const DEFAULT_THRESHOLDS: WhisperThresholds = {
  certainNoSpeechProbability: 0.8,
  noSpeechProbability: 0.6,
  logProbability: -1,
  compressionRatio: 2.4,
};

const DEFAULT_HOT_WORD_BONUS = { start: 1, next: 3 };

interface WhisperWorker {
  /** Batched: the worker takes several at once. */
  recognise(argument: RecogniseArgument): Transcription;
  detect(samples: Float32Array): DetectedLanguage;
}

/** Whisper through ONNX Runtime in worker threads, one core each. Resolves when the model is loaded. */
export async function createWhisperBackend(options: WhisperBackendOptions): Promise<AsrBackend> {
  const { model } = options;
  const languages = options.languages ?? model.manifest.languages;
  const data: WhisperOptions = {
    files: {
      encoder: model.file("encoder.onnx"),
      decoder: model.file("decoder.onnx"),
      tokenizer: model.file("tokenizer.json"),
      config: model.file("config.json"),
    },
    languages,
    multilingual: model.manifest.languages.length > 1,
    thresholds: { ...DEFAULT_THRESHOLDS, ...options.thresholds },
    paddingMs: { interim: 7_000, final: 10_000, ...options.paddingMs },
    hotWordBonus: { ...DEFAULT_HOT_WORD_BONUS, ...options.hotWordBonus },
  };
  const executor = createExecutor<WhisperWorker>({
    module: new URL("./whisper.worker.ts", import.meta.url),
    data,
    threads: options.threads ?? 1,
    batches: { recognise: options.maxBatch ?? 4 },
  });
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw asBackendError(error, model.manifest.id);
  }
  const description = { name: model.manifest.id, languages, maxAudioMs: WHISPER_MAX_AUDIO_MS };
  const failed = (error: unknown) => {
    throw asBackendError(error, model.manifest.id);
  };
  const runOptions = (request: TranscribeOptions) => {
    return { deadlineMs: request.deadlineMs, signal: untilDeadline(request), yields: request.interim };
  };
  return {
    ...description,
    async transcribe(samples, request) {
      checkRequest(description, samples, request);
      const language = primarySubtag(request.language);
      if (samples.length === 0) return nothingSaid(language ?? (languages[0] as string));
      const argument = { samples, interim: request.interim, language, hotWords: request.hotWords ?? [] };
      return await executor.run("recognise", argument, runOptions(request)).catch(failed);
    },
    ...(languages.length > 1 && {
      async detectLanguage(samples: Float32Array, request: TranscribeOptions) {
        checkRequest(description, samples, request);
        if (samples.length === 0) return { language: languages[0] as string, probability: 1 / languages.length };
        return await executor.run("detect", samples, runOptions(request)).catch(failed);
      },
    }),
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

function asBackendError(error: unknown, model: string): ServiceError {
  if (isServiceError(error)) return error;
  return new ServiceError("BACKEND_FAILED", `${model} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
