import { type KnowledgeBase, languageOf } from "../knowledge/index.ts";
import type { DialogueRequest, ReplyOptions } from "./backend.ts";
import { findEvidence } from "./evidence.ts";
import { readingsOf } from "./follow-up.ts";
import type { SourcePassage } from "./source-prompt.ts";

/** Sources for a language model from the tenant's documents, best first; follow-up questions are read in their context. */
export function createKnowledgeSources(
  base: KnowledgeBase,
): (request: DialogueRequest, options: ReplyOptions) => Promise<readonly SourcePassage[]> {
  return async (request, options) => {
    const language = languageOf(request.messages.at(-1)?.text ?? "", request.language);
    const { evidence } = await findEvidence(base.tenant(request.tenant), readingsOf(request.messages, language), language, options);
    return evidence.map(({ passage }) => ({ document: passage.source.id, title: passage.source.title, text: passage.text }));
  };
}
