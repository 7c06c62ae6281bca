import {
  type Evidence,
  type KnowledgeBase,
  languageOf,
  readingsOf,
  type SentenceParts,
  type UnitKind,
  type UnitParts,
  withoutOrders,
} from "@troupe/llm/backends";
import { holdsOne, type ScoredQuestion } from "../questions.ts";

/** One unit found for one question, with its sentences. */
export interface TrainingUnit {
  readonly kind: UnitKind;
  readonly parts: UnitParts;
  readonly source: string;
  readonly sentences: readonly { readonly parts: SentenceParts; readonly right: boolean; readonly text: string }[];
}

/** Everything retrieved for a question, by reading. */
export interface TrainingQuestion {
  readonly id: string;
  readonly language: string;
  readonly kind: string;
  readonly answerable: boolean;
  readonly readings: readonly (readonly TrainingUnit[])[];
}

const retrieved = 8;
const enoughMs = 60_000;

/** Retrieves for a question as the grounded backend does, and marks what is right. */
export async function candidatesOf(base: KnowledgeBase, tenant: string, question: ScoredQuestion): Promise<TrainingQuestion> {
  const { id, kind, answers } = question;
  const language = languageOf(question.question, question.language);
  const messages = withoutOrders([...question.before, question.question].map((text) => ({ role: "user" as const, text })));
  const readings: TrainingUnit[][] = [];
  for (const reading of messages ? readingsOf(messages, language) : []) {
    const found = await base.tenant(tenant).retrieve(reading, language, retrieved, { deadlineMs: performance.now() + enoughMs });
    readings.push([...Map.groupBy(found, ({ unit }) => unit).values()].map((group) => unitOf(group, question)));
  }
  return { id, language, kind, answerable: answers.length > 0, readings };
}

function unitOf(group: readonly Evidence[], { answers }: ScoredQuestion): TrainingUnit {
  const [first] = group as readonly [Evidence, ...Evidence[]];
  const sentences = group.map(({ passage, parts }) => ({
    parts,
    text: passage.text,
    right: answers.some(({ id, contains }) => id === passage.source.id && holdsOne(passage.text, contains)),
  }));
  return { kind: first.unit.kind, parts: first.unit.parts, source: first.passage.source.id, sentences };
}
