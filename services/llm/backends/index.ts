export {
  answerThreshold,
  createKnowledgeBase,
  type Evidence,
  indexTermsOf,
  type KnowledgeBase,
  languageOf,
  loadKnowledge,
  type Passage,
  passagesOf,
  primaryLanguage,
  type SentenceParts,
  type UnitKind,
  type UnitParts,
} from "../knowledge/index.ts";
export type { Citation, DialogueBackend, DialogueRequest, Message, ReplyClause } from "./backend.ts";
export { answerClauses, selectSentences } from "./extract.ts";
export { type Readings, readingsOf } from "./follow-up.ts";
export { createGroundedBackend, type GroundedOptions } from "./grounded.ts";
export { withoutOrders } from "./orders.ts";
