import { ServiceError } from "@troupe/errors";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { z } from "zod";
import type { DialogueBackend } from "./backends/backend.ts";
import type { OpenAiOptions } from "./backends/openai/openai.ts";
import { llmReference } from "./reference.ts";
import { llmStage } from "./stage.ts";

export const llmConfig = platformConfig.extend({
  llmBackend: z.string().default("grounded").describe("grounded, openai, llama, stub"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  knowledgeDir: z.string().default("models/knowledge").describe("folder with one folder of documents for each tenant"),
  embeddingModel: z.string().default("e5-multilingual").describe("model that finds passages"),
  openaiUrls: z.string().default("").describe("base URLs of OpenAI-compatible servers, comma-separated, tried in order"),
  openaiModel: z.string().default("").describe("model to ask those servers for"),
  openaiKey: z.string().default("").describe("API key for those servers"),
  llamaModel: z.string().default("smollm2").describe("GGUF model of the llama backend, by its manifest"),
  llamaFile: z.string().default("").describe("path of another GGUF file, in place of llamaModel"),
  llamaPackage: z.string().default("node-llama-cpp").describe("where node-llama-cpp is: its name, or the path of its entry file"),
  llamaContextTokens: z.coerce.number().int().min(512).max(131_072).default(2048).describe("prompt, conversation and reply together"),
  llamaSequences: z.coerce.number().int().min(1).max(64).default(2).describe("replies made at the same time"),
  llamaThreads: z.coerce.number().int().min(1).max(64).default(2),
  firstTokenTimeoutMs: z.coerce.number().int().min(100).max(60_000).default(1500),
  idleTimeoutMs: z.coerce.number().int().min(100).max(60_000).default(3000),
  maxTokens: z.coerce.number().int().min(1).max(4096).default(256),
});
export type LlmConfig = z.infer<typeof llmConfig>;

export const createLlmService: StageServiceFactory<LlmConfig> = async (config) => {
  const backend = await createBackend(config);
  return {
    stage: llmStage(backend),
    models: [backend.name],
    languages: [],
    reference: () => llmReference(config.knowledgeDir, settingsOf(config)),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
};

/** What the time of an answer depends on. */
function settingsOf(config: LlmConfig): string {
  const { llmBackend, embeddingModel, openaiUrls, openaiModel, llamaModel, llamaFile, llamaContextTokens, llamaSequences } = config;
  const own = {
    openai: [openaiUrls, openaiModel],
    llama: [llamaFile || llamaModel, llamaContextTokens, llamaSequences, config.llamaThreads],
  };
  const more: readonly unknown[] = llmBackend === "openai" || llmBackend === "llama" ? own[llmBackend] : [];
  return [llmBackend, embeddingModel, config.maxTokens, ...more].join(", ");
}

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
    case "llama":
      return await createLlama(config);
    case "stub": {
      const { createStubBackend } = await import("./backends/stub.ts");
      return createStubBackend();
    }
    default:
      throw new ServiceError("INVALID_CONFIG", `llmBackend: llm has grounded, openai, llama and stub, not "${config.llmBackend}"`);
  }
}

/** The servers answer from the tenant's own documents, as the grounded backend does. */
async function createOpenAi(config: LlmConfig): Promise<DialogueBackend> {
  const { createOpenAiBackend } = await import("./backends/openai/openai.ts");
  const { firstTokenTimeoutMs, idleTimeoutMs, maxTokens } = config;
  const urls = config.openaiUrls.split(",").filter((url) => url !== "");
  const endpoints = urls.map((baseUrl) => ({
    baseUrl,
    model: config.openaiModel,
    ...(config.openaiKey ? { apiKey: config.openaiKey } : {}),
  }));
  return await withSources(config, async (retrieve) =>
    createOpenAiBackend({ endpoints, firstTokenTimeoutMs, idleTimeoutMs, maxTokens, retrieve }),
  );
}

/** So does the model in this process. */
async function createLlama(config: LlmConfig): Promise<DialogueBackend> {
  const { createLlamaBackend } = await import("./backends/llama/llama.ts");
  const { llamaContextTokens: contextTokens, llamaSequences: sequences, llamaThreads: threads, maxTokens } = config;
  const store = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
  const modelPath = config.llamaFile || (await store.resolve(config.llamaModel)).file("model.gguf");
  return await withSources(config, (retrieve) =>
    createLlamaBackend({ modelPath, contextTokens, sequences, threads, maxTokens, packageName: config.llamaPackage, retrieve }),
  );
}

type Retrieve = NonNullable<OpenAiOptions["retrieve"]>;

/** A backend that is given the passages found for each question. */
async function withSources(config: LlmConfig, create: (retrieve: Retrieve) => Promise<DialogueBackend>): Promise<DialogueBackend> {
  const { createKnowledgeSources } = await import("./backends/knowledge-sources.ts");
  const { createKnowledgeBase } = await import("./knowledge/index.ts");
  const { knowledgeDir, cacheDir } = config;
  const base = await createKnowledgeBase({ knowledgeDir, cacheDir, model: await embeddingModel(config) });
  try {
    const backend = await create(createKnowledgeSources(base));
    return {
      ...backend,
      async [Symbol.asyncDispose]() {
        await backend[Symbol.asyncDispose]();
        await base[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await base[Symbol.asyncDispose]();
    throw error;
  }
}

async function embeddingModel(config: LlmConfig) {
  return await createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir }).resolve(config.embeddingModel);
}
