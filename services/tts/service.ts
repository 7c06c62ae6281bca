import { ServiceError } from "@troupe/errors";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import type { Logger } from "@troupe/stage";
import { z } from "zod";
import type { LoadedVoices } from "./backends/load-voices.ts";
import { ttsReference } from "./reference.ts";
import { ttsStage } from "./stage.ts";

const defaultModels = "default-tts-en,default-tts-zh";

export const ttsConfig = platformConfig.extend({
  ttsBackend: z.string().default("models").describe("models, stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  ttsModels: z
    .string()
    .default(defaultModels)
    .describe("voices by model id or alias, separated by commas; of the default ones, one that was not fetched is left out"),
  ttsThreads: z.coerce.number().int().min(1).max(64).default(1).describe("inference threads of each model, each with its own copy"),
  preload: z.stringbool().default(true).describe("whether all models load at the start; otherwise only the first, others when needed"),
});
export type TtsConfig = z.infer<typeof ttsConfig>;

export const createTtsService: StageServiceFactory<TtsConfig> = async (config, { logger }) => {
  const { backend, models } = await createBackend(config, logger);
  const languages = [...new Set(backend.voices.flatMap((voice) => voice.languages))];
  return {
    stage: ttsStage(backend),
    models,
    languages,
    reference: async () => ttsReference(languages, `${config.ttsBackend}, ${config.ttsThreads} threads`),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
};

async function createBackend(config: TtsConfig, logger: Logger): Promise<LoadedVoices> {
  switch (config.ttsBackend) {
    case "models": {
      const { loadVoices } = await import("./backends/load-voices.ts");
      return await loadVoices({
        store: createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir }),
        models: config.ttsModels.split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()])),
        allowMissing: config.ttsModels === defaultModels,
        preload: config.preload,
        threads: config.ttsThreads,
        warn: (message) => logger.warn({}, message),
      });
    }
    case "stub": {
      const { createStubBackend } = await import("./backends/stub.ts");
      return { backend: createStubBackend(), models: ["stub"] };
    }
    default:
      throw new ServiceError("INVALID_CONFIG", `ttsBackend: tts has models and stub, not "${config.ttsBackend}"`);
  }
}
