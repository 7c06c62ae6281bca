import { isServiceError, ServiceError } from "@troupe/errors";
import type { ModelStore, ResolvedModel } from "@troupe/model-store";
import type { TtsBackend } from "./backend.ts";
import { createCompositeBackend } from "./composite.ts";
import { createLazyBackend } from "./lazy-backend.ts";
import { findVoiceFormat } from "./voice-formats.ts";

export interface LoadVoicesOptions {
  readonly store: ModelStore;
  /** Ids or aliases; of two voices for a language the first model's is the default. */
  readonly models: readonly string[];
  /** Whether a model that the cache doesn't hold is left out with a warning, as long as another is there. */
  readonly allowMissing: boolean;
  /** Otherwise all models but the first are loaded by the first clause that they speak. */
  readonly preload: boolean;
  readonly threads: number;
  readonly warn: (message: string) => void;
}

export interface LoadedVoices {
  readonly backend: TtsBackend;
  /** Ids, in order. */
  readonly models: readonly string[];
}

/**
 * Every model that is there, as one backend.
 * @throws ServiceError MODEL_UNKNOWN, MODEL_MISSING, MODEL_CORRUPT, INVALID_CONFIG, BACKEND_FAILED
 */
export async function loadVoices(options: LoadVoicesOptions): Promise<LoadedVoices> {
  const models = await resolveModels(options);
  const loading = models.map((model, index) => loadModel(model, index === 0 || options.preload, options.threads));
  const settled = await Promise.allSettled(loading);
  const members = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failure = settled.find((one) => one.status === "rejected");
  if (failure) {
    await Promise.all(members.map((member) => member[Symbol.asyncDispose]()));
    throw failure.reason;
  }
  return { backend: createCompositeBackend({ members, warn: options.warn }), models: models.map(({ manifest }) => manifest.id) };
}

async function loadModel(model: ResolvedModel, atOnce: boolean, threads: number): Promise<TtsBackend> {
  const format = await findVoiceFormat(model.manifest);
  const load = () => format.create({ model, threads });
  return atOnce ? await load() : createLazyBackend({ name: model.manifest.id, voices: format.voices(model), load });
}

async function resolveModels({ store, models, allowMissing, warn }: LoadVoicesOptions): Promise<readonly ResolvedModel[]> {
  const found = new Map<string, ResolvedModel>();
  let missing: ServiceError | undefined;
  for (const id of models) {
    try {
      const model = await store.resolve(id);
      found.set(model.manifest.id, model);
    } catch (thrown) {
      if (!allowMissing || !isMissing(thrown)) throw thrown;
      missing = thrown;
      warn(`voice ${id} is left out, it is not in the cache; \`troupe models pull --pack ${packOf(id)}\` fetches it`);
    }
  }
  if (found.size === 0) throw missing ?? new ServiceError("INVALID_CONFIG", "ttsModels names no model");
  return [...found.values()];
}

function isMissing(thrown: unknown): thrown is ServiceError {
  return isServiceError(thrown, "MODEL_MISSING") || isServiceError(thrown, "MODEL_UNKNOWN");
}

/** The default voices' aliases end in their language, and so are the packs named. */
function packOf(id: string): string {
  return id.split("-").at(-1) ?? id;
}
