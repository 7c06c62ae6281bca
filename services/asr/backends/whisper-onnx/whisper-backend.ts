import { isServiceError, ServiceError } from "@troupe/errors";
import { createExecutor } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import type { AsrBackend } from "../backend.ts";
import { checkRequest, nothingSaid, untilDeadline } from "../transcribe-request.ts";
import type { Recogniser, WhisperOptions, WhisperThresholds } from "./recogniser.ts";

export interface WhisperBackendOptions {
  /** The model whisper-tiny-en of the store. */
  readonly model: ResolvedModel;
  /** Worker threads; each loads the model. Default 1. */
  readonly threads?: number;
  readonly thresholds?: Partial<WhisperThresholds>;
  /** Default 10 s for finals and 7 s for interims. */
  readonly paddingMs?: Partial<WhisperOptions["paddingMs"]>;
}

const MAX_AUDIO_MS = 30_000;
// The first is ours, between speech (under 0.2) and noise (over 0.8); the others are those of OpenAI's reference code.
const DEFAULT_THRESHOLDS: WhisperThresholds = {
  certainNoSpeechProbability: 0.8,
  noSpeechProbability: 0.6,
  logProbability: -1,
  compressionRatio: 2.4,
};

/** Whisper through ONNX Runtime in worker threads, one core each. Resolves when the model is loaded. */
export async function createWhisperBackend(options: WhisperBackendOptions): Promise<AsrBackend> {
  const { model } = options;
  const data: WhisperOptions = {
    files: {
      encoder: model.file("encoder.onnx"),
      decoder: model.file("decoder.onnx"),
      tokenizer: model.file("tokenizer.json"),
      config: model.file("config.json"),
    },
    thresholds: { ...DEFAULT_THRESHOLDS, ...options.thresholds },
    paddingMs: { interim: 7_000, final: 10_000, ...options.paddingMs },
  };
  const executor = createExecutor<{ recognise: Recogniser }>({
    module: new URL("./whisper.worker.ts", import.meta.url),
    data,
    threads: options.threads ?? 1,
  });
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw asBackendError(error, model.manifest.id);
  }
  const description = { name: model.manifest.id, languages: model.manifest.languages, maxAudioMs: MAX_AUDIO_MS };
  return {
    ...description,
    async transcribe(samples, request) {
      checkRequest(description, samples, request);
      if (samples.length === 0) return nothingSaid("en");
      try {
        const run = { deadlineMs: request.deadlineMs, signal: untilDeadline(request) };
        return await executor.run("recognise", { samples, interim: request.interim }, run);
      } catch (error) {
        throw asBackendError(error, model.manifest.id);
      }
    },
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

function asBackendError(error: unknown, model: string): ServiceError {
  if (isServiceError(error)) return error;
  return new ServiceError("BACKEND_FAILED", `${model} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
