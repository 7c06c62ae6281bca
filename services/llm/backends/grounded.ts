import {
  createKnowledgeBase,
  type EmbedOptions,
  type KnowledgeBase,
  type KnowledgeBaseOptions,
  languageOf,
  linesIn,
  type PersonaLines,
  type TenantKnowledge,
} from "../knowledge/index.ts";
import type { DialogueBackend, DialogueRequest, ReplyClause } from "./backend.ts";
import { findEvidence } from "./evidence.ts";
import { answerClauses, selectSentences } from "./extract.ts";
import { readingsOf } from "./follow-up.ts";
import { withoutOrders } from "./orders.ts";
import { assertWanted, messageToAnswer } from "./request-checks.ts";
import { createSmallTalk, type SmallTalk, type SmallTalkAnswer } from "./small-talk.ts";

export type GroundedOptions = KnowledgeBaseOptions;

/**
 * Answers with sentences of the tenant's own documents, cited, in the language of the question, and declines where they hold no
 * answer in it. Small talk comes from the persona. A tenant without a folder has no documents: its avatar greets, thanks and declines.
 * @throws ServiceError INVALID_CONFIG for a broken document or persona, BACKEND_FAILED for the model
 */
export async function createGroundedBackend(options: GroundedOptions): Promise<DialogueBackend> {
  const base = await createKnowledgeBase(options);
  try {
    const manners = await mannersOf(base);
    return {
      name: "grounded",
      async *reply(request, replyOptions) {
        messageToAnswer(request);
        assertWanted(replyOptions);
        for (const clause of await answer(base.tenant(request.tenant), manners, request, replyOptions)) {
          assertWanted(replyOptions);
          yield clause;
        }
      },
      [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
    };
  } catch (error) {
    await base[Symbol.asyncDispose]();
    throw error;
  }
}

/** How a tenant's avatar speaks in one language where no document is asked for. */
interface Manner {
  readonly lines: PersonaLines;
  readonly smallTalk: SmallTalk;
}

type Manners = (tenant: TenantKnowledge, language: string) => Manner;

/** Prepared for every language that a persona has lines in. */
async function mannersOf(base: KnowledgeBase): Promise<Manners> {
  const options: EmbedOptions = { deadlineMs: Number.POSITIVE_INFINITY };
  const prepared = new Map<PersonaLines["smallTalk"], SmallTalk>();
  for (const { persona } of ["", ...base.tenants].map((name) => base.tenant(name).knowledge)) {
    for (const language of [persona.language, ...Object.keys(persona.translations), "en", "zh"]) {
      const { smallTalk } = linesIn(persona, language);
      if (!prepared.has(smallTalk)) prepared.set(smallTalk, await createSmallTalk(persona.name, smallTalk, base.embedder, options));
    }
  }
  return ({ knowledge }, language) => {
    const lines = linesIn(knowledge.persona, language);
    return { lines, smallTalk: prepared.get(lines.smallTalk) as SmallTalk };
  };
}

async function answer(
  tenant: TenantKnowledge,
  manners: Manners,
  request: DialogueRequest,
  options: EmbedOptions,
): Promise<readonly ReplyClause[]> {
  const said = request.messages.at(-1)?.text ?? "";
  const language = languageOf(said, request.language);
  const { lines, smallTalk } = manners(tenant, language);
  const exact = smallTalk.exact(said);
  if (exact !== undefined) return spoken(exact, lines);
  const messages = withoutOrders(request.messages);
  if (messages === undefined) return declined(lines);
  const found = await findEvidence(tenant, readingsOf(messages, language), language, options);
  if (found.enough) return answerClauses(selectSentences(found.evidence), false);
  const near = await smallTalk.near(messages.at(-1)?.text ?? "", options);
  return near === undefined ? declined(lines) : spoken(near, lines);
}

function spoken({ answer: text, delivery }: SmallTalkAnswer, { language }: PersonaLines): ReplyClause[] {
  return answerClauses([{ text, language, citations: [], delivery }], false);
}

function declined({ abstention, offer, language }: PersonaLines): ReplyClause[] {
  return answerClauses(
    [
      { text: abstention, language, citations: [], delivery: "gentle" },
      { text: offer, language, citations: [] },
    ],
    true,
  );
}
