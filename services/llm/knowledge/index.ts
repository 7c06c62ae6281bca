export type { KnowledgeDocument } from "./document.ts";
export type { Embedder, EmbedOptions } from "./embedder.ts";
export { createKnowledgeBase, type KnowledgeBase, type KnowledgeBaseOptions, type TenantKnowledge } from "./knowledge-base.ts";
export { type Knowledge, knowledgeLimits, loadKnowledge } from "./load-knowledge.ts";
export type { Passage } from "./passage.ts";
export { defaultPersona, type Persona, personaSchema } from "./persona.ts";
export { answerThreshold, type Evidence, type Retriever } from "./retriever.ts";
export { contentWordsOf, wordsOf } from "./terms.ts";
export { dot } from "./word-likeness.ts";
