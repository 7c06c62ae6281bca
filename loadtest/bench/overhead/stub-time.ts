import { create } from "@bufbuild/protobuf";
import { ClauseSchema, ReplyHeaderSchema } from "@troupe/contracts";
import { median } from "@troupe/report";
import { createLogger, readConfig } from "@troupe/service";
import type { EdgeBody } from "@troupe/stage";
import { createTtsService, ttsConfig } from "@troupe/tts";
import { Registry } from "prom-client";
import { runStage } from "../../platform/stage-run.ts";

export interface StubTime {
  /** Wall time of the stub voice for a text, milliseconds. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Length of what it says. */
  readonly speechMs: number;
}

const runs = 100;
const warmUps = 100;

/** What the stub voice alone takes for the stub's answer to a text: the only stub that computes anything worth mention. Median. */
export async function measureStub(text: string): Promise<StubTime> {
  const env = { TROUPE_GRANT_KEY: crypto.randomUUID(), TROUPE_TTS_BACKEND: "stub" };
  await using tts = await createTtsService(readConfig(ttsConfig, env), { logger: createLogger("bench", "error"), metrics: new Registry() });
  const bodies: EdgeBody<"reply">[] = [
    { case: "header", value: create(ReplyHeaderSchema, { language: "en", remainingMs: 4000 }) },
    { case: "clause", value: create(ClauseSchema, { text: `You said: ${text}`, language: "en" }) },
  ];
  const walls: number[] = [];
  const cpus: number[] = [];
  let bytes = 0;
  for (let n = -warmUps; n < runs; n++) {
    const startMs = performance.now();
    const cpu = process.cpuUsage();
    const speech = await runStage(tts.stage, { case: undefined }, { edge: "reply", bodies }, "speech");
    const used = process.cpuUsage(cpu);
    if (n < 0) continue;
    walls.push(performance.now() - startMs);
    cpus.push((used.user + used.system) / 1000);
    bytes = speech.reduce((sum, body) => sum + (body.case === "chunk" ? body.value.pcm16.byteLength : 0), 0);
  }
  return { wallMs: median(walls), cpuMs: median(cpus), speechMs: bytes / 2 / 24 };
}
