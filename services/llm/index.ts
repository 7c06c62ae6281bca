export { createLlmService, type LlmConfig, llmConfig } from "./service.ts";
