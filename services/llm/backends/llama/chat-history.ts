import { ServiceError } from "@troupe/errors";
import type { DialogueRequest, Message } from "../backend.ts";
import type { ChatHistoryItem } from "./llama-package.ts";

export interface TokenLimit {
  tokensOf(text: string): number;
  /** Of prompt and conversation together. */
  readonly limit: number;
}

/** What is answered, and what goes before it. */
export interface FittingHistory {
  readonly before: readonly ChatHistoryItem[];
  readonly last: string;
}

/** What the chat template adds to each message, at most. */
const messageOverhead = 8;

/**
 * The prompt and as many of the last messages as fit.
 * @throws ServiceError TEXT_TOO_LONG when not even the last one fits
 */
export function fittingHistory({ messages }: DialogueRequest, prompt: string, { tokensOf, limit }: TokenLimit): FittingHistory {
  const cost = (text: string) => tokensOf(text) + messageOverhead;
  let left = limit - cost(prompt);
  const kept: Message[] = [];
  for (const message of messages.toReversed()) {
    left -= cost(message.text);
    if (left < 0) break;
    kept.unshift(message);
  }
  const last = kept.pop();
  if (!last) throw new ServiceError("TEXT_TOO_LONG", `prompt and message do not fit into ${limit} tokens`);
  return { before: [{ type: "system", text: prompt }, ...kept.map(itemOf)], last: last.text };
}

function itemOf({ role, text }: Message): ChatHistoryItem {
  return role === "user" ? { type: "user", text } : { type: "model", response: [text] };
}
