import { ServiceError } from "@troupe/errors";
import { createModelStore, type ModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { createVad } from "@troupe/vad";
import { z } from "zod";
import type { AsrBackend } from "./backends/backend.ts";
import { asrReference } from "./reference.ts";
import { asrStage } from "./stage.ts";

const defaultModels = "default-asr-en,default-asr";

export const asrConfig = platformConfig.extend({
  asrBackend: z.string().default("whisper").describe("whisper, stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  asrModels: z
    .string()
    .default(defaultModels)
    .describe(
      "models by id or alias, separated by commas, the first of a language serves it; of the default ones, one not fetched is left out",
    ),
  asrLanguages: z.string().default("en,zh").describe("languages that are recognised and told apart, out of those of the models"),
  asrThreads: z.coerce.number().int().min(1).max(64).default(1).describe("inference threads of each model, each with its own copy"),
  preload: z.stringbool().default(true).describe("whether all models load at the start; otherwise only the first, others when needed"),
  stubText: z.string().default("What are the opening hours of the museum on Sunday?").describe("what the stub backend hears"),
});
export type AsrConfig = z.infer<typeof asrConfig>;

export const createAsrService: StageServiceFactory<AsrConfig> = async (config, { logger }) => {
  await using stack = new AsyncDisposableStack();
  const store = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
  const backend = stack.use(await createBackend(config, store, (message) => logger.warn({}, message)));
  // The stub answers at once, so that it gains nothing from pauses.
  const vad = config.asrBackend === "stub" ? undefined : stack.use(await createVad({ model: await store.resolve("default-vad") }));
  const owned = stack.move();
  return {
    stage: asrStage({ backend, vad }),
    models: backend.name.split("+"),
    languages: backend.languages,
    reference: () => asrReference(config.modelDir, backend.languages, `${config.asrBackend}, ${config.asrThreads} threads`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

async function createBackend(config: AsrConfig, store: ModelStore, warn: (message: string) => void): Promise<AsrBackend> {
  switch (config.asrBackend) {
    case "whisper": {
      const { loadModels } = await import("./backends/load-models.ts");
      return await loadModels({
        store,
        models: listOf(config.asrModels),
        languages: listOf(config.asrLanguages),
        allowMissing: config.asrModels === defaultModels,
        preload: config.preload,
        threads: config.asrThreads,
        warn,
      });
    }
    case "stub": {
      const { createStubBackend } = await import("./backends/stub.ts");
      return createStubBackend({ text: config.stubText });
    }
    default:
      throw new ServiceError("INVALID_CONFIG", `asrBackend: asr has whisper and stub, not "${config.asrBackend}"`);
  }
}

const listOf = (text: string) => text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]));
