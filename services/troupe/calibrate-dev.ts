import { asrConfig, createAsrService } from "@troupe/asr";
import { compositorConfig, createCompositorService } from "@troupe/compositor";
import { createFaceService, faceConfig } from "@troupe/face";
import { createLlmService, llmConfig } from "@troupe/llm";
import { createTtsService, ttsConfig } from "@troupe/tts";
import { createLogger, readConfig } from "@troupe/service";
import { calibrate } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
const env = { TROUPE_GRANT_KEY: "x".repeat(40), ...process.env };
const logger = createLogger("cal", "info");
const deps = { logger, metrics: new Registry() };
const load = {
  asr: () => createAsrService(readConfig(asrConfig, env), deps),
  llm: () => createLlmService(readConfig(llmConfig, env), deps),
  tts: () => createTtsService(readConfig(ttsConfig, env), deps),
  face: () => createFaceService(readConfig(faceConfig, env), deps),
  compositor: () => createCompositorService(readConfig(compositorConfig, env), deps),
};
for (const name of process.argv.slice(2) as (keyof typeof load)[]) {
  const s = await load[name]();
  const work = await s.reference?.();
  console.log(name, s.models, work?.id);
  if (work) console.log(await calibrate({ stage: s.stage, clock: systemClock, logger }, work, { limit: Number(process.env["LIMIT"] ?? 64), budgetMs: Number(process.env["BUDGET"] ?? 20000) }));
  await s[Symbol.asyncDispose]();
}
