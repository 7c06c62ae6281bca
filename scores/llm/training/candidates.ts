import { type Evidence, type EvidenceParts, type KnowledgeBase, languageOf, readingsOf, withoutOrders } from "@troupe/llm/backends";
import { holdsOne, type ScoredQuestion } from "../questions.ts";

/** One passage found for one question. */
export interface TrainingCandidate {
  readonly kind: "answer" | "sentence";
  readonly parts: EvidenceParts;
  /** Whether the passage answers the question. */
  readonly right: boolean;
  readonly source: string;
}

/** Everything retrieved for a question, by reading. */
export interface TrainingQuestion {
  readonly id: string;
  readonly language: string;
  readonly kind: string;
  readonly answerable: boolean;
  readonly readings: readonly (readonly TrainingCandidate[])[];
}

const retrieved = 8;
const enoughMs = 60_000;

/** Retrieves for a question as the grounded backend does, and marks what is right. */
export async function candidatesOf(base: KnowledgeBase, tenant: string, question: ScoredQuestion): Promise<TrainingQuestion> {
  const { id, kind, answers } = question;
  const language = languageOf(question.question, question.language);
  const messages = withoutOrders([...question.before, question.question].map((text) => ({ role: "user" as const, text })));
  const readings: TrainingCandidate[][] = [];
  for (const reading of messages ? readingsOf(messages, language) : []) {
    const found = await base.tenant(tenant).retrieve(reading, language, retrieved, { deadlineMs: performance.now() + enoughMs });
    readings.push(found.map((evidence) => candidateOf(evidence, question)));
  }
  return { id, language, kind, answerable: answers.length > 0, readings };
}

function candidateOf({ passage, parts }: Evidence, { answers }: ScoredQuestion): TrainingCandidate {
  const right = answers.some(({ id, contains }) => id === passage.source.id && holdsOne(passage.text, contains));
  return { kind: passage.questions.length > 0 ? "answer" : "sentence", parts, right, source: passage.source.id };
}
