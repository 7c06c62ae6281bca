import { ServiceError } from "@troupe/errors";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { z } from "zod";
import type { AsrBackend } from "./backends/backend.ts";
import { asrStage } from "./stage.ts";

export const asrConfig = platformConfig.extend({
  asrBackend: z.string().default("whisper").describe("whisper, stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  asrModel: z.string().default("whisper-tiny-en").describe("model of the backend whisper"),
  asrThreads: z.coerce.number().int().min(1).max(64).default(1).describe("inference threads, each with its own copy of the model"),
  stubText: z.string().default("What are the opening hours of the museum on Sunday?").describe("what the stub backend hears"),
});
export type AsrConfig = z.infer<typeof asrConfig>;

export const createAsrService: StageServiceFactory<AsrConfig> = async (config) => {
  const backend = await createBackend(config);
  return {
    stage: asrStage(backend),
    models: [backend.name],
    languages: backend.languages,
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
};

async function createBackend(config: AsrConfig): Promise<AsrBackend> {
  switch (config.asrBackend) {
    case "whisper": {
      const { createWhisperBackend } = await import("./backends/whisper-onnx/whisper-backend.ts");
      const store = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
      return await createWhisperBackend({ model: await store.resolve(config.asrModel), threads: config.asrThreads });
    }
    case "stub": {
      const { createStubBackend } = await import("./backends/stub.ts");
      return createStubBackend({ text: config.stubText });
    }
    default:
      throw new ServiceError("INVALID_CONFIG", `asrBackend: asr has whisper and stub, not "${config.asrBackend}"`);
  }
}
