import { create } from "@bufbuild/protobuf";
import { ClauseSchema, ReplyHeaderSchema, SynthesisSettingsSchema } from "@troupe/contracts";
import type { ReferenceSession, ReferenceWork } from "@troupe/stage";

/** Some three seconds of speech each. */
const clauses = [
  { language: "en", text: "On Sunday the museum is open from ten in the morning until five." },
  { language: "zh", text: "博物馆星期天上午十点开门，下午五点关门。" },
] as const;

/** From the clause to its first sound: what the time from voice to sound leaves for it. */
const firstChunkMs = 300;
/** What one clause lasts when it is spoken: each session has the next one made meanwhile. */
const everyMs = 3_000;

/**
 * A clause each, one after the other without a pause; sessions differ in their language.
 * @param languages BCP-47, of the stage's voices
 * @param settings what else of the process the time depends on
 */
export function ttsReference(languages: readonly string[], settings: string): ReferenceWork | undefined {
  const spoken = clauses.filter(({ language }) => languages.some((one) => one.split("-")[0] === language));
  if (spoken.length === 0) return undefined;
  return {
    id: `a clause in ${spoken.map(({ language }) => language).join(" and ")} each ${everyMs} ms, first sound after ${firstChunkMs} ms; ${settings}`,
    settings: { case: "synthesis", value: create(SynthesisSettingsSchema) },
    spreadMs: everyMs,
    durationMs: everyMs,
    deadlines: { "first chunk": 1, "all chunks": 1 },
    run: (session) => speak(session, spoken[session.index % spoken.length] as (typeof clauses)[number]),
  };
}

/** Later chunks are in time where each is there before what came so far is spoken: faster than real time throughout. */
async function speak(session: ReferenceSession, { language, text }: (typeof clauses)[number]): Promise<void> {
  const { clock, owner } = session;
  const response = owner.nextResponse();
  const speech = session.read("speech", response);
  const startMs = clock.nowMs();
  session.send("reply", response, { case: "header", value: create(ReplyHeaderSchema, { language, remainingMs: firstChunkMs }) });
  session.send("reply", response, { case: "clause", value: create(ClauseSchema, { text, language }) });
  session.end("reply", response);
  let playMs: number | undefined;
  let latestMs = Number.NEGATIVE_INFINITY;
  for await (const { body, atMs } of speech) {
    if (body.case !== "chunk") continue;
    if (playMs === undefined) session.report("first chunk", atMs - startMs - firstChunkMs);
    playMs ??= Math.max(atMs, startMs + firstChunkMs);
    latestMs = Math.max(latestMs, atMs - (playMs + Number(body.value.ptsUs) / 1000));
  }
  if (playMs !== undefined) session.report("all chunks", latestMs);
}
