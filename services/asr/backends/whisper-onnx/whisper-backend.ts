import { isServiceError, ServiceError } from "@troupe/errors";
import { createExecutor } from "@troupe/executor";
import type { AsrBackend, DetectedLanguage, TranscribeOptions, Transcription } from "../backend.ts";
import { checkRequest, nothingSaid, primarySubtag, untilDeadline } from "../transcribe-request.ts";
import type { RecogniseArgument } from "./recogniser.ts";
import { defaultWhisperOptions, type WhisperBackendOptions } from "./whisper-options.ts";

/** Whisper's window. */
export const WHISPER_MAX_AUDIO_MS = 30_000;
interface WhisperWorker {
  /** Batched: the worker takes several at once. */
  recognise(argument: RecogniseArgument): Transcription;
  detect(samples: Float32Array): DetectedLanguage;
}

/** Whisper through ONNX Runtime in worker threads, one core each. Resolves when the model is loaded. */
export async function createWhisperBackend(options: WhisperBackendOptions): Promise<AsrBackend> {
  const { model } = options;
  const data = defaultWhisperOptions(options);
  const { languages } = data;
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
