import { type KnowledgeBase, languageOf } from "../knowledge/index.ts";
import type { DialogueRequest, ReplyOptions } from "./backend.ts";
import { findEvidence } from "./evidence.ts";
import { readingsOf } from "./follow-up.ts";
import type { SourcePassage } from "./source-prompt.ts";

const mostSources = 24;
/** Titles included: about 1,500 tokens of English. */
const mostCharacters = 6_000;

/** Sources for a language model from the tenant's documents, the best few first; follow-up questions are read in their context. */
export function createKnowledgeSources(
  base: KnowledgeBase,
): (request: DialogueRequest, options: ReplyOptions) => Promise<readonly SourcePassage[]> {
  return async (request, options) => {
    const language = languageOf(request.messages.at(-1)?.text ?? "", request.language);
    const { evidence } = await findEvidence(base.tenant(request.tenant), readingsOf(request.messages, language), language, options);
    return shortened(evidence.map(({ passage: { source, text } }) => ({ document: source.id, title: source.title, text })));
  };
}

/** The first ones; one that is too long for the room left is passed over. */
export function shortened(sources: readonly SourcePassage[]): SourcePassage[] {
  const kept: SourcePassage[] = [];
  let room = mostCharacters;
  for (const source of sources) {
    const length = source.title.length + source.text.length;
    if (length > room) continue;
    kept.push(source);
    room -= length;
    if (kept.length === mostSources) break;
  }
  return kept;
}
