import { isServiceError, ServiceError } from "@troupe/errors";
import type { ModelStore, ResolvedModel } from "@troupe/model-store";
import type { AsrBackend } from "./backend.ts";
import { createLanguageChoice } from "./language-choice.ts";
import { createLazyBackend } from "./lazy-backend.ts";
import { createWhisperBackend, WHISPER_MAX_AUDIO_MS } from "./whisper-onnx/whisper-backend.ts";

export interface LoadModelsOptions {
  readonly store: ModelStore;
  /** Ids or aliases, in order of preference: the first model of a language serves it. */
  readonly models: readonly string[];
  /** BCP-47 primary subtags that are recognised, out of those of the models. */
  readonly languages: readonly string[];
  /** Whether a model that was not fetched is left out, with a warning; the first is always needed. */
  readonly allowMissing: boolean;
  /** Whether all models load now; otherwise only the first, others when needed. */
  readonly preload: boolean;
  readonly threads: number;
  readonly warn: (message: string) => void;
}

/** Recognition by the models of the store. @throws ServiceError MODEL_MISSING and the like, INVALID_CONFIG */
export async function loadModels(options: LoadModelsOptions): Promise<AsrBackend> {
  const backends: AsrBackend[] = [];
  try {
    for (const name of options.models) {
      const model = await resolve(options, name, backends.length === 0);
      if (!model) continue;
      const languages = model.manifest.languages.filter((language) => options.languages.includes(language));
      if (languages.length === 0) continue;
      const load = () => createWhisperBackend({ model, languages, threads: options.threads });
      const lazy = !options.preload && backends.length > 0;
      const description = { name: model.manifest.id, languages, maxAudioMs: WHISPER_MAX_AUDIO_MS };
      backends.push(lazy ? createLazyBackend({ ...description, load }) : await load());
    }
    return backends.length === 1 ? (backends[0] as AsrBackend) : createLanguageChoice(backends);
  } catch (error) {
    await Promise.all(backends.map((backend) => backend[Symbol.asyncDispose]()));
    throw error;
  }
}

async function resolve({ store, allowMissing, warn }: LoadModelsOptions, name: string, first: boolean): Promise<ResolvedModel | undefined> {
  try {
    const model = await store.resolve(name);
    if (model.manifest.format === "whisper-onnx") return model;
    throw new ServiceError("INVALID_CONFIG", `${name} is of the format ${model.manifest.format}; recognition loads whisper-onnx`);
  } catch (error) {
    if (first || !allowMissing || !isServiceError(error, "MODEL_MISSING")) throw error;
    warn(`${name} is not in the cache, so its languages are not recognised; \`troupe models pull --pack zh\` fetches it`);
    return undefined;
  }
}
