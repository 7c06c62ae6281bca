import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** What a tenant answers to a question, in its own words. */
export interface QuestionAnswer {
  /** Unique within the tenant, among documents too; what citations name. */
  readonly id: string;
  /** BCP-47, of all its texts. */
  readonly language: string;
  readonly question: string;
  /** Other ways to ask the same. */
  readonly variants: readonly string[];
  /** Spoken as it stands. */
  readonly answer: string;
  /** For the citation. */
  readonly title: string;
}

const text = (longest: number) => z.string().trim().min(1).max(longest);

const fileSchema = z
  .array(
    z
      .strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/u),
        language: z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/u),
        question: text(300),
        variants: z.array(text(300)).max(20).default([]),
        answer: text(600),
        title: text(120).optional(),
      })
      .transform((entry): QuestionAnswer => ({ ...entry, title: entry.title ?? entry.question.slice(0, 120) })),
  )
  .max(2_000);

/**
 * Reads a file of questions and answers.
 * @param name of the file, for the message of the error
 * @throws ServiceError INVALID_CONFIG
 */
export function parseQuestionAnswers(source: string, name: string): readonly QuestionAnswer[] {
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch (error) {
    throw new ServiceError("INVALID_CONFIG", `${name} is not JSON`, { cause: error });
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) throw new ServiceError("INVALID_CONFIG", `${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
