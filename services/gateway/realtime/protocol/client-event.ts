import { z } from "zod";
import { itemRequest } from "./conversation-item.ts";
import { outputRequest, sessionSettings } from "./session-update.ts";

const id = z.string().min(1).max(128);
const number = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const number32 = z.number().int().min(0).max(0xffff_ffff);
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), event_id: z.string().max(512).optional(), ...shape });

const responseRequest = z.object({
  conversation: z.string().max(100).optional(),
  input: z.array(z.unknown()).max(200).nullish(),
  instructions: z.string().max(4000).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  output_modalities: z.array(z.string()).max(4).optional(),
  max_output_tokens: z.unknown().optional(),
  tools: z.array(z.unknown()).max(128).optional(),
  tool_choice: z.unknown().optional(),
  prompt: z.unknown().optional(),
});
export type ResponseRequest = z.output<typeof responseRequest>;

const words = { text: z.string().max(100_000), language: z.string().max(35).default("") };

/** Everything that a client may send: the Realtime protocol, and what is ours. */
export const clientEvent = z.discriminatedUnion("type", [
  event("session.update", { session: sessionSettings }),
  event("input_audio_buffer.append", { audio: z.string() }),
  event("input_audio_buffer.commit", {}),
  event("input_audio_buffer.clear", {}),
  event("output_audio_buffer.clear", {}),
  event("conversation.item.create", { item: itemRequest, previous_item_id: id.nullish() }),
  event("conversation.item.retrieve", { item_id: id }),
  event("conversation.item.delete", { item_id: id }),
  event("conversation.item.truncate", { item_id: id, content_index: number.default(0), audio_end_ms: number }),
  event("response.create", { response: responseRequest.nullish() }),
  event("response.cancel", { response_id: id.nullish() }),
  event("troupe.playback", {
    position_us: number,
    buffered_us: number32.default(0),
    underruns: number32.default(0),
    dropped_frames: number32.default(0),
    av_offset_us: z.number().int().min(-0x8000_0000).max(0x7fff_ffff).default(0),
    silenced: z.object({ response: number32, at_us: number }).optional(),
  }),
  event("troupe.output.update", { output: outputRequest.nullable() }),
  event("troupe.keyframe", {}),
  event("troupe.interrupt", {}),
  event("troupe.say", { ...words, uninterruptible: z.boolean().default(false) }),
  event("troupe.text", words),
  event("troupe.end", {}),
  event("troupe.ping", { t: z.number() }),
]);
export type ClientEvent = z.output<typeof clientEvent>;
export type ClientEventOf<T extends ClientEvent["type"]> = Extract<ClientEvent, { type: T }>;
