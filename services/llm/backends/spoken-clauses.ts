import { ServiceError } from "@troupe/errors";
import { createClauseSplitter } from "../clauses/index.ts";
import type { Citation, ReplyClause, ReplyOptions } from "./backend.ts";
import { citationTracker } from "./citation-marks.ts";
import { assertWanted } from "./request-checks.ts";
import type { SourcePassage } from "./source-prompt.ts";

/**
 * The clauses of what a language model writes; its marks become citations.
 * @throws ServiceError BACKEND_FAILED when nothing of it can be said
 */
export async function* spokenClauses(
  deltas: AsyncIterable<string>,
  language: string,
  passages: readonly SourcePassage[],
  replyOptions: ReplyOptions,
): AsyncGenerator<ReplyClause, void, undefined> {
  const splitter = createClauseSplitter();
  const marks = citationTracker(passages);
  const clause = (text: string, citations: readonly Citation[]): ReplyClause => ({ text, language, citations, abstained: false });
  let said = 0;
  for await (const delta of deltas) {
    marks.push(delta);
    for (const text of splitter.push(delta)) {
      assertWanted(replyOptions);
      said++;
      yield clause(text, marks.take());
    }
  }
  for (const text of splitter.flush()) {
    said++;
    yield clause(text, marks.take());
  }
  if (said === 0) throw new ServiceError("BACKEND_FAILED", "the language model sent nothing that can be said");
}
