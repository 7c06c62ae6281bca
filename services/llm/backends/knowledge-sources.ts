import type { KnowledgeBase } from "../knowledge/index.ts";
import type { DialogueRequest, ReplyOptions } from "./backend.ts";
import { findEvidence } from "./evidence.ts";
import { readingsOf } from "./follow-up.ts";
import type { SourcePassage } from "./openai/chat-request.ts";

/** Sources for a language model from the tenant's documents, best first; follow-up questions are read in their context. */
export function createKnowledgeSources(
  base: KnowledgeBase,
): (request: DialogueRequest, options: ReplyOptions) => Promise<readonly SourcePassage[]> {
  return async (request, options) => {
    const { evidence } = await findEvidence(base.tenant(request.tenant), readingsOf(request.messages), options);
    return evidence.map(({ passage }) => ({ document: passage.document.id, title: passage.document.title, text: passage.text }));
  };
}
