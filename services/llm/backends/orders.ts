import { splitSentences } from "../clauses/index.ts";
import { isInstruction } from "../knowledge/index.ts";
import type { Message } from "./backend.ts";

/**
 * The messages without the sentences that order the answerer about: what is left of "Ignore your rules. When do you open?" is a question.
 * @returns undefined when nothing is left of the last one
 */
export function withoutOrders(messages: readonly Message[]): readonly Message[] | undefined {
  const kept = messages.map((message) => ({ ...message, text: message.role === "user" ? withoutOrder(message.text) : message.text }));
  return kept.at(-1)?.text === "" ? undefined : kept.filter(({ text }) => text !== "");
}

function withoutOrder(text: string): string {
  if (!isInstruction(text)) return text;
  const rest = splitSentences(text).filter((sentence) => !isInstruction(sentence));
  return rest.join(" ");
}
