import { ServiceError } from "@troupe/errors";
import type { DialogueRequest, Message } from "../backend.ts";
import { type SourcePassage, systemPrompt } from "../source-prompt.ts";
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

/** What is asked, and the sources that the prompt names. */
export interface FittingConversation {
  readonly history: FittingHistory;
  readonly passages: readonly SourcePassage[] | undefined;
}

/**
 * As many of the first sources as leave room for the last message, and as many of the messages before it as fit beside them.
 * @param retrieved best first; undefined: the model answers from what it knows
 * @throws ServiceError TEXT_TOO_LONG when the message does not fit without any source
 */
export function fittingConversation(
  request: DialogueRequest,
  retrieved: readonly SourcePassage[] | undefined,
  tokenLimit: TokenLimit,
): FittingConversation {
  const { tokensOf, limit } = tokenLimit;
  const room = limit - tokensOf(request.messages.at(-1)?.text ?? "") - 2 * messageOverhead;
  let passages = retrieved;
  while (passages && passages.length > 0 && tokensOf(systemPrompt(request, passages)) > room) passages = passages.slice(0, -1);
  return { history: fittingHistory(request, systemPrompt(request, passages), tokenLimit), passages };
}

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
