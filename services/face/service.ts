import { isServiceError, ServiceError } from "@troupe/errors";
import { createModelStore, type ResolvedModel } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import type { Logger } from "@troupe/stage";
import { z } from "zod";
import type { FaceBackend } from "./backends/backend.ts";
import { faceReference } from "./reference.ts";
import { faceStage } from "./stage.ts";

const defaultModel = "default-face-audio";

export const faceConfig = platformConfig.extend({
  faceBackend: z
    .string()
    .default("phones")
    .describe("phones (and from the sound where a voice tells none), audio (from the sound alone), stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  faceModel: z
    .string()
    .default(defaultModel)
    .describe(
      "network that hears phones, by model id or alias; without the default one, loudness moves the mouth of voices without phones",
    ),
  faceThreads: z.coerce.number().int().min(1).max(64).default(1).describe("inference threads of that network"),
});
export type FaceConfig = z.infer<typeof faceConfig>;

export const createFaceService: StageServiceFactory<FaceConfig> = async (config, { logger }) => {
  const backend = await createBackend(config, logger);
  return {
    stage: faceStage(backend),
    models: [backend.name],
    languages: [],
    reference: () => faceReference(config.modelDir, `${config.faceBackend}, ${config.faceModel}, ${config.faceThreads} threads`),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
};

async function createBackend(config: FaceConfig, logger: Logger): Promise<FaceBackend> {
  switch (config.faceBackend) {
    case "phones":
      return await createWithFallback(config, logger);
    case "audio":
      return await createAudio(await findModel(config), config);
    case "stub":
      return (await import("./backends/stub.ts")).createStubBackend();
    default:
      throw new ServiceError("INVALID_CONFIG", `faceBackend: face has phones, audio and stub, not "${config.faceBackend}"`);
  }
}

async function createWithFallback(config: FaceConfig, logger: Logger): Promise<FaceBackend> {
  const phones = (await import("./backends/phones/phones.ts")).createPhonesBackend();
  try {
    const model = await findModel(config);
    return (await import("./backends/with-fallback.ts")).withFallback(phones, await createAudio(model, config));
  } catch (thrown) {
    if (config.faceModel !== defaultModel || !isMissing(thrown)) throw thrown;
    logger.warn({}, `the model ${defaultModel} is not there (\`make models\`); loudness moves the mouth of voices that tell no phones`);
    return phones;
  }
}

async function createAudio(model: ResolvedModel, { faceThreads: threads }: FaceConfig): Promise<FaceBackend> {
  return await (await import("./backends/audio/audio.ts")).createAudioBackend({ model, threads });
}

const findModel = (config: FaceConfig) =>
  createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir }).resolve(config.faceModel);

const isMissing = (thrown: unknown) => isServiceError(thrown, "MODEL_MISSING") || isServiceError(thrown, "MODEL_UNKNOWN");
