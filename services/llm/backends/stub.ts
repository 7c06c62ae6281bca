import { speakableText, splitClauses } from "../clauses/index.ts";
import type { DialogueBackend } from "./backend.ts";
import { assertWanted, messageToAnswer } from "./request-checks.ts";

export interface StubOptions {
  /** Longest echo, characters. Default 1,000. */
  readonly maxChars?: number;
}

/** Says back what it heard, clause by clause: the same words for the same question, without a model. */
export function createStubBackend(options: StubOptions = {}): DialogueBackend {
  const maxChars = options.maxChars ?? 1_000;
  return {
    name: "stub",
    async *reply(request, replyOptions) {
      const message = messageToAnswer(request);
      assertWanted(replyOptions);
      const heard = speakableText(message.text).slice(0, maxChars);
      for (const text of splitClauses(`You said: ${heard || "nothing"}`)) {
        assertWanted(replyOptions);
        yield { text, language: request.language, citations: [], abstained: false };
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
