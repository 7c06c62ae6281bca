import type { DialogueRequest } from "../backend.ts";
import { type SourcePassage, systemPrompt } from "../source-prompt.ts";

interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** Body of POST /v1/chat/completions (OpenAI API reference, Chat Completions, streaming). */
export interface ChatCompletionBody {
  readonly model: string;
  readonly stream: true;
  readonly max_tokens: number;
  readonly messages: readonly ChatMessage[];
}

/** @param passages retrieved for the last message; undefined: the model answers from what it knows */
export function chatCompletionBody(
  request: DialogueRequest,
  model: string,
  maxTokens: number,
  passages: readonly SourcePassage[] | undefined,
): ChatCompletionBody {
  return {
    model,
    stream: true,
    max_tokens: maxTokens,
    messages: [
      { role: "system", content: systemPrompt(request, passages) },
      ...request.messages.map(({ role, text }): ChatMessage => ({ role, content: text })),
    ],
  };
}
