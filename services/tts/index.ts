export { createTtsService, type TtsConfig, ttsConfig } from "./service.ts";
