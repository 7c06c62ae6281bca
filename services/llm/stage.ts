import { create } from "@bufbuild/protobuf";
import { ClauseSchema, Delivery, type PromptHeader, ReplyHeaderSchema, Role } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeBody, keyedStage, type Stage, type StageCall, type StageSession } from "@troupe/stage";
import type { DialogueBackend, DialogueRequest, ReplyClause, SpokenDelivery } from "./backends/backend.ts";
import { speakableText, splitSentences } from "./clauses/index.ts";

const replyBudgetMs = 30_000;
const defaultLanguage = "en";
const fallbackLines: ReadonlyMap<string, string> = new Map([
  ["en", "I'm sorry, something went wrong on my side. Could you ask me again?"],
  ["zh", "很抱歉，我这边出了点问题。您可以再问一遍吗？"],
]);

const deliveries: Readonly<Record<SpokenDelivery, Delivery>> = {
  neutral: Delivery.NEUTRAL,
  gentle: Delivery.GENTLE,
  excited: Delivery.EXCITED,
};

/** Makes the words of a response. Keeps nothing between responses: the context comes with each prompt. */
export function llmStage(backend: DialogueBackend): Stage {
  return keyedStage({ name: "llm", input: "prompt", output: "reply", respond: (call) => reply(backend, call) });
}

async function* reply(backend: DialogueBackend, call: StageCall<"prompt">): AsyncIterable<EdgeBody<"reply">> {
  const { clock } = call.session;
  for await (const { value: prompt } of call.input) {
    const startMs = clock.nowMs();
    const language = prompt.language || defaultLanguage;
    const clauses =
      prompt.task.case === "verbatim"
        ? verbatim(prompt.task.value, language)
        : answer(backend, call, requestOf(call.session, prompt, language), prompt.remainingMs);
    const header = (): EdgeBody<"reply"> => {
      // 0 says that there is no limit; of a limit that is used up, 1 is left.
      const remainingMs = prompt.remainingMs === 0 ? 0 : Math.max(1, Math.round(prompt.remainingMs - (clock.nowMs() - startMs)));
      return { case: "header", value: create(ReplyHeaderSchema, { language, remainingMs }) };
    };
    let first = true;
    for await (const clause of clauses) {
      if (first) yield header();
      first = false;
      yield clause;
    }
    if (first) yield header();
    return;
  }
}

async function* verbatim(text: string, language: string): AsyncIterable<EdgeBody<"reply">> {
  for (const sentence of splitSentences(speakableText(text)))
    yield clause({ text: sentence, language, citations: [], abstained: false }, false);
}

/**
 * What fails before or amid the answer ends in a spoken excuse: silence would say nothing. So does an answer whose first words are
 * later than `firstWordsMs` (0: no limit).
 */
async function* answer(
  backend: DialogueBackend,
  call: StageCall<"prompt">,
  request: DialogueRequest,
  firstWordsMs: number,
): AsyncIterable<EdgeBody<"reply">> {
  const late = new AbortController();
  const giveUp = () => late.abort(new ServiceError("DEADLINE", `no words within ${firstWordsMs} ms`));
  const cancelTimer = firstWordsMs > 0 ? call.session.clock.setTimer(firstWordsMs, giveUp) : () => undefined;
  try {
    const options = {
      deadlineMs: performance.now() + replyBudgetMs,
      signal: AbortSignal.any([call.signal, late.signal]),
      thinkingMs: thinkingMs(call.session),
    };
    for await (const part of backend.reply(request, options)) {
      cancelTimer();
      yield clause(part, false);
    }
  } catch (thrown) {
    const error = ServiceError.from(late.signal.aborted ? late.signal.reason : thrown);
    if (call.signal.aborted || error.reason === "CANCELLED") throw error;
    const { logger, settings } = call.session;
    logger.warn({ stage: "llm", number: call.number, reason: error.reason }, "the answer failed; the fallback line is spoken");
    const own = new Map(Object.entries(settings.case === "dialogue" ? settings.value.fallbackLines : {}));
    const text = fallbackLine(own, request.language);
    yield clause({ text, language: request.language, citations: [], abstained: false, delivery: "gentle" }, true);
  } finally {
    cancelTimer();
  }
}

/** @param own the session's lines by language */
function fallbackLine(own: ReadonlyMap<string, string>, language: string): string {
  const primary = language.split("-")[0] ?? "";
  return own.get(language) ?? own.get(primary) ?? fallbackLines.get(primary) ?? (fallbackLines.get(defaultLanguage) as string);
}

/** 0 on the wire says that there is no limit. */
function thinkingMs({ settings }: StageSession): number | undefined {
  return settings.case === "dialogue" && settings.value.thinkingMs > 0 ? settings.value.thinkingMs : undefined;
}

function requestOf(session: StageSession, prompt: PromptHeader, language: string): DialogueRequest {
  const { messages, instructions } = prompt.task.case === "conversation" ? prompt.task.value : { messages: [], instructions: "" };
  if (messages.length === 0) throw new ServiceError("INVALID_REQUEST", "a prompt needs a conversation or a verbatim text");
  return {
    tenant: session.context.tenant,
    language,
    persona: [session.settings.case === "dialogue" ? session.settings.value.persona : "", instructions].filter(Boolean).join("\n"),
    messages: messages.map(({ role, text }) => ({ role: role === Role.ASSISTANT ? ("assistant" as const) : ("user" as const), text })),
  };
}

function clause(part: ReplyClause, fallback: boolean): EdgeBody<"reply"> {
  const { text, language, abstained } = part;
  const delivery = part.delivery ? deliveries[part.delivery] : Delivery.UNSPECIFIED;
  const citations = part.citations.map((citation) => ({ ...citation }));
  return { case: "clause", value: create(ClauseSchema, { text, language, abstained, fallback, citations, delivery }) };
}
