import { readFile } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import type { DialogueBackend, Message } from "./backend.ts";

const evaluationSchema = z.array(
  z.strictObject({
    /** Earlier questions of the same conversation. */
    before: z.array(z.string()).optional(),
    question: z.string(),
    /** Documents that hold the answer, any of which may be cited; empty: there is no answer. */
    documents: z.array(z.string()),
    /** What the answer must say. */
    contains: z.string().optional(),
    /** Weights and thresholds are set on "tune" and reported on "test". */
    half: z.enum(["tune", "test"]),
  }),
);

export type EvaluationQuestion = z.infer<typeof evaluationSchema>[number];

/** How many questions ended how. */
export interface EvaluationScore {
  /** Answered from an expected document with the expected words. */
  readonly right: number;
  /** Answered otherwise. */
  readonly wrong: number;
  /** Declined although there is an answer. */
  readonly abstained: number;
  /** Declined, and rightly so. */
  readonly declined: number;
  /** Answered although there is no answer. */
  readonly falseAnswers: number;
}

/** @throws ServiceError INVALID_CONFIG */
export async function readEvaluation(path: string): Promise<readonly EvaluationQuestion[]> {
  const parsed = evaluationSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success) throw new ServiceError("INVALID_CONFIG", `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Asks every question, each in a conversation of its own. */
export async function evaluate(
  backend: DialogueBackend,
  tenant: string,
  questions: readonly EvaluationQuestion[],
): Promise<EvaluationScore> {
  const score = { right: 0, wrong: 0, abstained: 0, declined: 0, falseAnswers: 0 };
  for (const question of questions) score[await outcome(backend, tenant, question)]++;
  return score;
}

async function outcome(backend: DialogueBackend, tenant: string, question: EvaluationQuestion): Promise<keyof EvaluationScore> {
  const before = (question.before ?? []).flatMap((text): Message[] => [
    { role: "user", text },
    { role: "assistant", text: "I see." },
  ]);
  const request = { tenant, messages: [...before, { role: "user" as const, text: question.question }], language: "en", persona: "" };
  const clauses = await Array.fromAsync(backend.reply(request, { deadlineMs: performance.now() + 10_000 }));
  const abstained = clauses.some((clause) => clause.abstained);
  if (question.documents.length === 0) return abstained ? "declined" : "falseAnswers";
  if (abstained) return "abstained";
  const cited = clauses[0]?.citations[0]?.document ?? "";
  const text = clauses.map((clause) => clause.text).join(" ");
  return question.documents.includes(cited) && text.includes(question.contains ?? "") ? "right" : "wrong";
}
