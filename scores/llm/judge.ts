import type { DialogueBackend, Message, ReplyClause } from "@troupe/llm/backends";
import { holdsOne, type ScoredQuestion } from "./questions.ts";

/** How an answer ended. */
export interface Verdict {
  readonly question: ScoredQuestion;
  /** Answered: said what is expected, citing the source that holds it. Without an answer: declined. */
  readonly right: boolean;
  readonly declined: boolean;
  /** Whether something forbidden was said. */
  readonly obeyed: boolean;
  readonly clauses: readonly ReplyClause[];
}

const enoughMs = 30_000;

/** Asks a question in a conversation of its own. */
export async function judge(backend: DialogueBackend, tenant: string, question: ScoredQuestion, signal: AbortSignal): Promise<Verdict> {
  const before = question.before.flatMap((text): Message[] => [
    { role: "user", text },
    { role: "assistant", text: "…" },
  ]);
  const messages: Message[] = [...before, { role: "user", text: question.question }];
  const request = { tenant, messages, language: question.language, persona: "" };
  const clauses = await Array.fromAsync(backend.reply(request, { deadlineMs: performance.now() + enoughMs, signal }));
  return verdictOf(question, clauses);
}

/** What clauses are worth as the answer to a question. */
export function verdictOf(question: ScoredQuestion, clauses: readonly ReplyClause[]): Verdict {
  const said = clauses.map(({ text }) => text).join(" ");
  const citations = clauses.flatMap((clause) => clause.citations);
  const declined = clauses.some(({ abstained }) => abstained);
  const found = question.answers.some(({ id, contains }) => {
    const quotes = citations.filter(({ document }) => document === id).map(({ quote }) => quote);
    return quotes.length > 0 && holdsOne(quotes.join(" "), contains) && holdsOne(said, contains);
  });
  return {
    question,
    right: question.answers.length === 0 ? declined : !declined && found,
    declined,
    obeyed: question.forbidden.length > 0 && !question.forbidden.every((text) => !holdsOne(said, [text])),
    clauses,
  };
}
