import { z } from "zod";
import { invalid, unsupported } from "./unsupported.ts";

const part = z.object({
  type: z.string().max(40),
  text: z.string().max(100_000).nullish(),
  transcript: z.string().max(100_000).nullish(),
  audio: z.string().nullish(),
});

/** An item as clients send it. */
export const itemRequest = z.object({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/, "1 to 64 letters, digits, _ or -")
    .optional(),
  type: z.string().max(40),
  role: z.string().max(20).optional(),
  content: z.array(part).max(16).optional(),
});
export type ItemRequest = z.output<typeof itemRequest>;

/** A part of a message, as clients get it. */
export interface ContentPart {
  readonly type: "input_text" | "input_audio" | "output_text" | "output_audio";
  readonly text?: string;
  readonly transcript?: string | null;
}

/** A message of the conversation, as clients get it. */
export interface Item {
  readonly id: string;
  readonly object: "realtime.item";
  readonly type: "message";
  readonly status: "completed" | "incomplete" | "in_progress";
  readonly role: "user" | "assistant" | "system";
  readonly content: readonly ContentPart[];
}

/** What a client wants to add. */
export interface NewMessage {
  readonly id: string | undefined;
  readonly role: Item["role"];
  readonly text: string;
  /** Base64, where the person's words come as sound. */
  readonly audio: string | undefined;
}

const roles = { user: ["input_text", "input_audio"], assistant: ["output_text", "output_audio", "text"], system: ["input_text"] } as const;

/** @throws ServiceError UNIMPLEMENTED for functions, tools and images; INVALID_REQUEST */
export function readItem(item: ItemRequest): NewMessage {
  if (item.type !== "message") throw unsupported("item.type", `items of type ${item.type} are`);
  const { id, role, content = [] } = item;
  if (role !== "user" && role !== "assistant" && role !== "system") throw invalid("item.role", "role must be user, assistant or system");
  if (content.length === 0) throw invalid("item.content", "a message needs content");
  content.forEach((given, index) => {
    const param = `item.content[${index}].type`;
    if (given.type === "input_image") throw unsupported(param, "images are");
    if (!roles[role].some((type) => type === given.type)) throw invalid(param, `${role} messages hold ${roles[role].join(" or ")}`);
  });
  const sounds = content.filter((given) => given.type === "input_audio");
  if (sounds.length > 0 && content.length > 1) throw unsupported("item.content", "messages with sound and something else are");
  const text = content.map((given) => given.text ?? given.transcript ?? "").join("\n");
  return { id, role, text, audio: sounds[0]?.audio ?? undefined };
}
