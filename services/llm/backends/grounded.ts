import {
  createKnowledgeBase,
  type EmbedOptions,
  type KnowledgeBase,
  type KnowledgeBaseOptions,
  type TenantKnowledge,
} from "../knowledge/index.ts";
import type { DialogueBackend, ReplyClause } from "./backend.ts";
import { findEvidence } from "./evidence.ts";
import { answerClauses, selectSentences } from "./extract.ts";
import { type Readings, readingsOf } from "./follow-up.ts";
import { assertWanted, messageToAnswer } from "./request-checks.ts";
import { createSmallTalk, type SmallTalk } from "./small-talk.ts";

export type GroundedOptions = KnowledgeBaseOptions;

/**
 * Answers with sentences of the tenant's own documents, cited, and declines where they hold no answer. Small talk
 * comes from the persona. A tenant without a folder has no documents: its avatar greets, thanks and declines.
 * @throws ServiceError INVALID_CONFIG for a broken document or persona, BACKEND_FAILED for the model
 */
export async function createGroundedBackend(options: GroundedOptions): Promise<DialogueBackend> {
  const base = await createKnowledgeBase(options);
  try {
    const smallTalk = await smallTalkByPersona(base);
    return {
      name: "grounded",
      async *reply(request, replyOptions) {
        const message = messageToAnswer(request);
        assertWanted(replyOptions);
        const tenant = base.tenant(request.tenant);
        for (const clause of await answer(tenant, smallTalk(tenant), message.text, readingsOf(request.messages), replyOptions)) {
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

async function smallTalkByPersona(base: KnowledgeBase): Promise<(tenant: TenantKnowledge) => SmallTalk> {
  const options: EmbedOptions = { deadlineMs: Number.POSITIVE_INFINITY };
  const stranger = await createSmallTalk(base.tenant("").knowledge.persona, base.embedder, options);
  const byTenant = new Map<string, SmallTalk>();
  for (const name of base.tenants) byTenant.set(name, await createSmallTalk(base.tenant(name).knowledge.persona, base.embedder, options));
  return (tenant) => byTenant.get(tenant.knowledge.tenant) ?? stranger;
}

async function answer(
  tenant: TenantKnowledge,
  smallTalk: SmallTalk,
  said: string,
  readings: Readings,
  options: EmbedOptions,
): Promise<ReplyClause[]> {
  const persona = tenant.knowledge.persona;
  const spoken = (lines: readonly string[], abstained: boolean) =>
    answerClauses(
      lines.map((text) => ({ text, language: persona.language, citations: [] })),
      abstained,
    );
  const exact = smallTalk.exact(said);
  if (exact !== undefined) return spoken([exact], false);
  const found = await findEvidence(tenant, readings, options);
  if (found.enough) return answerClauses(selectSentences(found.evidence), false);
  const near = await smallTalk.near(said, options);
  if (near !== undefined) return spoken([near], false);
  return spoken([persona.abstention, persona.offer], true);
}
