import { ServiceError } from "@troupe/errors";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { z } from "zod";
import type { DialogueBackend } from "./backends/backend.ts";
import { llmStage } from "./stage.ts";

export const llmConfig = platformConfig.extend({
  llmBackend: z.string().default("grounded").describe("grounded, openai, stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  knowledgeDir: z.string().default("models/knowledge").describe("folder with one folder of documents for each tenant"),
  embeddingModel: z.string().default("e5-multilingual").describe("model that finds passages"),
  openaiUrls: z.string().default("").describe("base URLs of OpenAI-compatible servers, comma-separated, tried in order"),
  openaiModel: z.string().default("").describe("model to ask those servers for"),
  openaiKey: z.string().default("").describe("API key for those servers"),
  firstTokenTimeoutMs: z.coerce.number().int().min(100).max(60_000).default(1500),
  idleTimeoutMs: z.coerce.number().int().min(100).max(60_000).default(3000),
  maxTokens: z.coerce.number().int().min(1).max(4096).default(256),
});
export type LlmConfig = z.infer<typeof llmConfig>;

export const createLlmService: StageServiceFactory<LlmConfig> = async (config) => {
  const backend = await createBackend(config);
  return { stage: llmStage(backend), models: [backend.name], languages: [], [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() };
};

async function createBackend(config: LlmConfig): Promise<DialogueBackend> {
  switch (config.llmBackend) {
    case "grounded": {
      const { createGroundedBackend } = await import("./backends/grounded.ts");
      return await createGroundedBackend({
        knowledgeDir: config.knowledgeDir,
        cacheDir: config.cacheDir,
        model: await embeddingModel(config),
      });
    }
    case "openai":
      return await createOpenAi(config);
    case "stub": {
      const { createStubBackend } = await import("./backends/stub.ts");
      return createStubBackend();
    }
    default:
      throw new ServiceError("INVALID_CONFIG", `llmBackend: llm has grounded, openai and stub, not "${config.llmBackend}"`);
  }
}

/** The servers answer from the tenant's own documents, as the grounded backend does. */
async function createOpenAi(config: LlmConfig): Promise<DialogueBackend> {
  const { createOpenAiBackend } = await import("./backends/openai/openai.ts");
  const { createKnowledgeSources } = await import("./backends/knowledge-sources.ts");
  const { createKnowledgeBase } = await import("./knowledge/index.ts");
  const base = await createKnowledgeBase({
    knowledgeDir: config.knowledgeDir,
    cacheDir: config.cacheDir,
    model: await embeddingModel(config),
  });
  const { firstTokenTimeoutMs, idleTimeoutMs, maxTokens } = config;
  const urls = config.openaiUrls.split(",").filter((url) => url !== "");
  const endpoints = urls.map((baseUrl) => ({
    baseUrl,
    model: config.openaiModel,
    ...(config.openaiKey ? { apiKey: config.openaiKey } : {}),
  }));
  const backend = createOpenAiBackend({ endpoints, firstTokenTimeoutMs, idleTimeoutMs, maxTokens, retrieve: createKnowledgeSources(base) });
  return {
    ...backend,
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await base[Symbol.asyncDispose]();
    },
  };
}

async function embeddingModel(config: LlmConfig) {
  return await createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir }).resolve(config.embeddingModel);
}
