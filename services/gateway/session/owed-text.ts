import { joinWords } from "@troupe/timeline";
import type { OwedText } from "./conversation-snapshot.ts";
import type { Response } from "./response.ts";

/** What is still owed of a response that cannot go on here. */
export interface Owed {
  /** What was said of it: whole clauses. */
  readonly said: string;
  /** The rest; undefined where not all of it is known. */
  readonly unsaid: OwedText | undefined;
}

/** The clause that is being said counts as unsaid: it will be said again from its beginning. */
export function owedOf({ clauses, line, language, caption, replyComplete, started }: Response): Owed {
  const texts = clauses.map((clause) => clause.text);
  const at = started ? Math.max(0, texts.indexOf(caption)) : 0;
  const said = joinWords(texts.slice(0, at));
  if (!replyComplete && line === undefined) return { said, unsaid: undefined };
  const unsaid = replyComplete ? joinWords(texts.slice(at)) : (line ?? "");
  return { said: replyComplete ? said : "", unsaid: { text: unsaid, language: clauses[at]?.language || language } };
}
