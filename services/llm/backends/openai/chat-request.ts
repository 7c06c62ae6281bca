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
  /**
   * Asks for an answer without thoughts. Servers of open models (vLLM, SGLang, llama.cpp) hand it to the chat template: Qwen and GLM read
   * enable_thinking, DeepSeek and Granite thinking. Sent only to a server that showed thoughts.
   */
  readonly chat_template_kwargs?: { readonly enable_thinking: false; readonly thinking: false };
}

export interface CompletionSettings {
  readonly model: string;
  readonly maxTokens: number;
  readonly think: boolean;
}

/** @param passages retrieved for the last message; undefined: the model answers from what it knows */
export function chatCompletionBody(
  request: DialogueRequest,
  { model, maxTokens, think }: CompletionSettings,
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
    ...(!think && { chat_template_kwargs: { enable_thinking: false, thinking: false } as const }),
  };
}
