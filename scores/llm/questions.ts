import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

export const questionKinds = [
  "verbatim",
  "paraphrase",
  "keyword",
  "indirect",
  "spoken",
  "typo",
  "follow-up",
  "unanswerable",
  "near-miss",
  "other-language",
  "adversarial",
] as const;

const questionSchema = z.strictObject({
  id: z.string().min(1),
  /** Of the question. */
  language: z.enum(["en", "zh"]),
  question: z.string().min(1),
  kind: z.enum(questionKinds),
  /** Earlier questions of the same conversation, oldest first. */
  before: z.array(z.string()).default([]),
  /** Every source that answers it, and what the answer must hold (any of it); none: it must be declined. */
  answers: z.array(z.strictObject({ id: z.string(), contains: z.array(z.string()).default([]) })).default([]),
  /** What must not be spoken. */
  forbidden: z.array(z.string()).default([]),
});

/** A question with what is expected of the answer. */
export type ScoredQuestion = Readonly<z.infer<typeof questionSchema>>;

/** Weights are fitted on train and dev, the threshold is chosen on folds held out of them, figures are reported on test. */
export type QuestionSet = "train" | "dev" | "test";

/** @throws ServiceError INVALID_CONFIG */
export async function readQuestions(tenant: string, set: QuestionSet): Promise<readonly ScoredQuestion[]> {
  const path = fileURLToPath(new URL(`questions/${tenant}-${set}.json`, import.meta.url));
  const parsed = z.array(questionSchema).safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success) throw new ServiceError("INVALID_CONFIG", `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Whether a text holds one of the strings, whatever its case, width and white space. */
export function holdsOne(text: string, strings: readonly string[]): boolean {
  return strings.length === 0 || strings.some((string) => squeezed(text).includes(squeezed(string)));
}

function squeezed(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, "");
}
