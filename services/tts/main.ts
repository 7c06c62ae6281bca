import { readConfig, runStageService } from "@troupe/service";
import { createTtsService, ttsConfig } from "./service.ts";

await runStageService("tts", readConfig(ttsConfig, process.env), createTtsService);
