import { readConfig, runStageService } from "@troupe/service";
import { createLlmService, llmConfig } from "./service.ts";

await runStageService("llm", readConfig(llmConfig, process.env), createLlmService);
