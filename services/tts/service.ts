import { ServiceError } from "@troupe/errors";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { z } from "zod";
import type { TtsBackend } from "./backends/backend.ts";
import { ttsStage } from "./stage.ts";

export const ttsConfig = platformConfig.extend({
  ttsBackend: z.string().default("hibari").describe("hibari, stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  ttsModel: z.string().default("hibari-en").describe("model of the backend hibari"),
  ttsThreads: z.coerce.number().int().min(1).max(64).default(1).describe("inference threads, each with its own copy of the model"),
});
export type TtsConfig = z.infer<typeof ttsConfig>;

export const createTtsService: StageServiceFactory<TtsConfig> = async (config) => {
  const backend = await createBackend(config);
  const languages = [...new Set(backend.voices.flatMap((voice) => voice.languages))];
  return { stage: ttsStage(backend), models: [backend.name], languages, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() };
};

async function createBackend(config: TtsConfig): Promise<TtsBackend> {
  switch (config.ttsBackend) {
    case "hibari": {
      const { createHibariBackend } = await import("./backends/hibari/hibari.ts");
      const store = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
      return await createHibariBackend({ model: await store.resolve(config.ttsModel), threads: config.ttsThreads });
    }
    case "stub": {
      const { createStubBackend } = await import("./backends/stub.ts");
      return createStubBackend();
    }
    default:
      throw new ServiceError("INVALID_CONFIG", `ttsBackend: tts has hibari and stub, not "${config.ttsBackend}"`);
  }
}
