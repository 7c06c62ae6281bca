import { readdir } from "node:fs/promises";
import { create } from "@bufbuild/protobuf";
import { type Clause, ConversationSchema, DialogueSettingsSchema, PromptHeaderSchema, Role } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { ReferenceSession, ReferenceWork } from "@troupe/stage";

const questions = [
  "What are the opening hours on Sunday?",
  "How much does a ticket cost for children?",
  "Is there a place where I can leave my bicycle?",
  "May I bring my dog?",
] as const;

/** From the prompt to the first clause: what the time from voice to sound leaves for it. */
const firstClauseMs = 300;
/** The gateway's own limit, after which the answer would be an excuse. */
const remainingMs = 10_000;
/** Slow speech; who is quicker than that is never waited for. */
const spokenMsPerCharacter = 60;
/** Each session asks once in so long. */
const everyMs = 3_000;

/** A question each, answered from the documents of a tenant that has some. */
export async function llmReference(knowledgeDir: string, settings: string): Promise<ReferenceWork> {
  const tenant = await someTenant(knowledgeDir);
  return {
    id: `a question to ${tenant ?? "nobody's documents"} each ${everyMs} ms, first clause after ${firstClauseMs} ms; ${settings}`,
    ...(tenant === undefined ? {} : { context: { tenant } }),
    settings: { case: "dialogue", value: create(DialogueSettingsSchema) },
    spreadMs: everyMs,
    durationMs: everyMs,
    deadlines: { "first clause": 1, "all clauses": 1 },
    run: ask,
  };
}

async function someTenant(knowledgeDir: string): Promise<string | undefined> {
  const entries = await readdir(knowledgeDir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()[0];
}

async function ask(session: ReferenceSession): Promise<void> {
  const { clock, owner, index } = session;
  const response = owner.nextResponse();
  const reply = session.read("reply", response);
  const text = questions[index % questions.length] as string;
  const task = { case: "conversation" as const, value: create(ConversationSchema, { messages: [{ role: Role.USER, text }] }) };
  const startMs = clock.nowMs();
  session.send("prompt", response, { case: "header", value: create(PromptHeaderSchema, { language: "en", remainingMs, task }) });
  session.end("prompt", response);
  let neededMs: number | undefined;
  let latestMs = Number.NEGATIVE_INFINITY;
  for await (const { body, atMs } of reply) {
    if (body.case !== "clause") continue;
    if (neededMs === undefined) session.report("first clause", atMs - startMs - firstClauseMs);
    latestMs = Math.max(latestMs, atMs - (neededMs ?? startMs + firstClauseMs));
    checkAnswered(body.value);
    // The next one is needed when this one is spoken.
    neededMs = Math.max(neededMs ?? 0, atMs) + body.value.text.length * spokenMsPerCharacter;
  }
  if (neededMs !== undefined) session.report("all clauses", latestMs);
}

/** An excuse is quick, and no answer. */
function checkAnswered({ fallback }: Clause): void {
  if (fallback) throw new ServiceError("STAGE_FAILED", "the answer was an excuse");
}
