import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** Thoughts are `reasoning` at vLLM from 0.11 on, `reasoning_content` before, at llama.cpp and at DeepSeek. */
const deltaSchema = z.object({ content: z.string().nullish(), reasoning: z.string().nullish(), reasoning_content: z.string().nullish() });

const chunkSchema = z.object({
  choices: z.array(z.object({ delta: deltaSchema.nullish(), finish_reason: z.string().nullish() })).optional(),
  error: z.unknown().optional(),
});

/** What an event of the stream says. */
export type ChatEvent = { readonly kind: "text"; readonly text: string; readonly thought: string } | { readonly kind: "end" };

/**
 * Reads the data of one event.
 * @throws ServiceError BACKEND_FAILED for an error object or data that is no chunk
 */
export function parseChatEvent(data: string): ChatEvent {
  if (data.trim() === "[DONE]") return { kind: "end" };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (error) {
    throw new ServiceError("BACKEND_FAILED", "the language model sent an event that is not JSON", { cause: error });
  }
  const parsed = chunkSchema.safeParse(json);
  if (!parsed.success)
    throw new ServiceError("BACKEND_FAILED", "the language model sent an event of another shape", { cause: parsed.error });
  if (parsed.data.error) throw new ServiceError("BACKEND_FAILED", `the language model failed: ${errorMessage(json)}`);
  const delta = parsed.data.choices?.[0]?.delta;
  return { kind: "text", text: delta?.content ?? "", thought: delta?.reasoning ?? delta?.reasoning_content ?? "" };
}

/** The message of an OpenAI error body `{error:{message}}`, or the beginning of whatever it is. */
export function errorMessage(body: unknown): string {
  const parsed = z
    .object({ error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]) })
    .safeParse(body);
  const text = parsed.success ? parsed.data.error : typeof body === "string" ? body : JSON.stringify(body);
  return text.slice(0, 300);
}
