import { isServiceError, ServiceError } from "@troupe/errors";
import { createExecutor } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import type { AsrBackend } from "../backend.ts";
import { SAMPLE_RATE_HZ } from "./log-mel.ts";
import type { Recogniser, WhisperOptions, WhisperThresholds } from "./recogniser.ts";

export interface WhisperBackendOptions {
  /** The model whisper-tiny-en of the store. */
  readonly model: ResolvedModel;
  /** Worker threads; each loads the model. Default 1. */
  readonly threads?: number;
  readonly thresholds?: Partial<WhisperThresholds>;
  /** Default 5000. Less is faster and less accurate. */
  readonly interimPaddingMs?: number;
}

const MAX_AUDIO_MS = 30_000;
const DEFAULT_THRESHOLDS: WhisperThresholds = { noSpeechProbability: 0.6, logProbability: -1, compressionRatio: 2.4 };

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
    interimPaddingMs: options.interimPaddingMs ?? 5000,
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
  return {
    name: model.manifest.id,
    languages: model.manifest.languages,
    maxAudioMs: MAX_AUDIO_MS,
    async transcribe(samples, request) {
      const language = request.language?.split("-")[0]?.toLowerCase();
      if (language !== undefined && !model.manifest.languages.includes(language)) {
        throw new ServiceError("LANGUAGE_UNSUPPORTED", `${model.manifest.id} does not recognise ${request.language}`);
      }
      const audioMs = (samples.length * 1000) / SAMPLE_RATE_HZ;
      if (audioMs > MAX_AUDIO_MS) throw new ServiceError("AUDIO_TOO_LONG", `${Math.round(audioMs)} ms is over ${MAX_AUDIO_MS} ms`);
      if (samples.length === 0) return { text: "", language: "en", words: [], confidence: 0 };
      try {
        const run = { deadlineMs: request.deadlineMs, signal: untilDeadline(request.deadlineMs, request.signal) };
        return await executor.run("recognise", { samples, interim: request.interim }, run);
      } catch (error) {
        throw asBackendError(error, model.manifest.id);
      }
    },
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

/** Aborts at the deadline as well, so that the caller is answered in time although a running job goes on to its end. */
function untilDeadline(deadlineMs: number, signal: AbortSignal | undefined): AbortSignal {
  const remainingMs = Math.min(Math.max(0, Math.ceil(deadlineMs - performance.now())), 2 ** 31 - 1);
  const timeout = AbortSignal.timeout(remainingMs);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

function asBackendError(error: unknown, model: string): ServiceError {
  if (isServiceError(error)) return error;
  return new ServiceError("BACKEND_FAILED", `${model} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
