import { create } from "@bufbuild/protobuf";
import { ClauseSchema, ReplyHeaderSchema } from "@troupe/contracts";
import { createFaceService, faceConfig } from "@troupe/face";
import { createLogger, readConfig } from "@troupe/service";
import type { EdgeBody } from "@troupe/stage";
import { createTtsService, ttsConfig } from "@troupe/tts";
import { Registry } from "prom-client";
import { runStage } from "./stage-run.ts";

export interface SpokenAnswer {
  readonly speech: readonly EdgeBody<"speech">[];
  readonly motion: readonly EdgeBody<"motion">[];
  readonly durationMs: number;
}

/** Speech and motion of some sentences, from the real voice and the real face. */
export async function speakAnswer(sentences: readonly string[]): Promise<SpokenAnswer> {
  const env = { ...process.env, TROUPE_GRANT_KEY: crypto.randomUUID() };
  const deps = { logger: createLogger("bench", "error"), metrics: new Registry() };
  await using tts = await createTtsService(readConfig(ttsConfig, env), deps);
  await using face = await createFaceService(readConfig(faceConfig, env), deps);
  const reply: EdgeBody<"reply">[] = [
    { case: "header", value: create(ReplyHeaderSchema, { language: "en", remainingMs: 4000 }) },
    ...sentences.map((text) => ({ case: "clause", value: create(ClauseSchema, { text, language: "en" }) }) as const),
  ];
  const speech = await runStage(tts.stage, { case: undefined }, { edge: "reply", bodies: reply }, "speech");
  const motion = await runStage(face.stage, { case: undefined }, { edge: "speech", bodies: speech }, "motion");
  const bytes = speech.reduce((sum, body) => sum + (body.case === "chunk" ? body.value.pcm16.byteLength : 0), 0);
  return { speech, motion, durationMs: bytes / 2 / 24 };
}
