import { create } from "@bufbuild/protobuf";
import { ClauseSchema, type PromptHeader, ReplyHeaderSchema, Role } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeBody, keyedStage, type Stage, type StageCall, type StageSession } from "@troupe/stage";
import type { DialogueBackend, DialogueRequest, ReplyClause } from "./backends/backend.ts";
import { speakableText, splitSentences } from "./clauses/index.ts";

const replyBudgetMs = 30_000;
const defaultLanguage = "en";
const fallbackLine = "I'm sorry, something went wrong on my side. Could you ask me again?";

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
    const options = { deadlineMs: performance.now() + replyBudgetMs, signal: AbortSignal.any([call.signal, late.signal]) };
    for await (const part of backend.reply(request, options)) {
      cancelTimer();
      yield clause(part, false);
    }
  } catch (thrown) {
    const error = ServiceError.from(late.signal.aborted ? late.signal.reason : thrown);
    if (call.signal.aborted || error.reason === "CANCELLED") throw error;
    const { logger, settings } = call.session;
    logger.warn({ stage: "llm", number: call.number, reason: error.reason }, "the answer failed; the fallback line is spoken");
    const lines = new Map(Object.entries(settings.case === "dialogue" ? settings.value.fallbackLines : {}));
    const text = lines.get(request.language) ?? lines.get(request.language.split("-")[0] ?? "") ?? fallbackLine;
    yield clause({ text, language: request.language, citations: [], abstained: false }, true);
  } finally {
    cancelTimer();
  }
}

function requestOf(session: StageSession, prompt: PromptHeader, language: string): DialogueRequest {
  const messages = prompt.task.case === "conversation" ? prompt.task.value.messages : [];
  if (messages.length === 0) throw new ServiceError("INVALID_REQUEST", "a prompt needs a conversation or a verbatim text");
  return {
    tenant: session.context.tenant,
    language,
    persona: session.settings.case === "dialogue" ? session.settings.value.persona : "",
    messages: messages.map(({ role, text }) => ({ role: role === Role.ASSISTANT ? ("assistant" as const) : ("user" as const), text })),
  };
}

function clause(part: ReplyClause, fallback: boolean): EdgeBody<"reply"> {
  const { text, language, abstained } = part;
  return {
    case: "clause",
    value: create(ClauseSchema, { text, language, abstained, fallback, citations: part.citations.map((citation) => ({ ...citation })) }),
  };
}
