import { z } from "zod";
import { audioFormat } from "./audio-format.ts";
import { unsupported } from "./unsupported.ts";

const text = (max: number) => z.string().max(max);

export const turnDetection = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("server_vad"),
    create_response: z.boolean().default(true),
    interrupt_response: z.boolean().default(true),
    prefix_padding_ms: z.number().min(0).max(5000).optional(),
    silence_duration_ms: z.number().int().min(100).max(10_000).optional(),
    threshold: z.number().min(0).max(1).optional(),
    idle_timeout_ms: z.number().nullish(),
  }),
  z.object({
    type: z.literal("semantic_vad"),
    create_response: z.boolean().default(true),
    interrupt_response: z.boolean().default(true),
    eagerness: z.enum(["low", "medium", "high", "auto"]).default("auto"),
  }),
]);
export type TurnDetectionSettings = z.output<typeof turnDetection>;

const side = z.number().int().min(0).max(1920).multipleOf(2);

/** Picture and sound that a client of ours wants. */
export const outputRequest = z.object({
  width: side.optional(),
  height: side.optional(),
  frames_per_second: z.union([z.literal(15), z.literal(25), z.literal(30)]).optional(),
  video_bitrate_bps: z.number().int().min(0).max(20_000_000).optional(),
  motion: z.boolean().optional(),
  captions: z.boolean().optional(),
  audio_codec: z.enum(["opus", "pcm16", "aac"]).optional(),
  video_codec: z.enum(["h264-high", "h264-baseline"]).optional(),
});
export type OutputRequest = z.output<typeof outputRequest>;

export const media = z.enum(["binary", "json", "none"]);
export type Media = z.output<typeof media>;

/** `namespace/name` of a Pipeline. */
export const pipelineName = text(317).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** What clients of ours say beside the standard session; all but the first two hold only until the session is open. */
export const troupeSettings = z.object({
  media: media.optional(),
  output: outputRequest.nullish(),
  avatar: text(64).optional(),
  language: text(35).optional(),
  pipeline: pipelineName.optional(),
  greeting: text(1000).optional(),
  greeting_uninterruptible: z.boolean().optional(),
});
export type TroupeSettings = z.output<typeof troupeSettings>;

const transcription = z.object({ model: text(100).optional(), language: text(35).optional(), prompt: text(10_000).optional() });

export const sessionSettings = z.object({
  type: z.enum(["realtime", "transcription"]).default("realtime"),
  model: text(100).optional(),
  instructions: text(4000).optional(),
  output_modalities: z.array(z.string()).max(4).optional(),
  max_output_tokens: z.union([z.number().int().min(1), z.literal("inf")]).optional(),
  tools: z.array(z.unknown()).max(128).optional(),
  tool_choice: z.unknown().optional(),
  prompt: z.unknown().optional(),
  include: z.array(z.string()).max(16).nullish(),
  audio: z
    .object({
      input: z
        .object({
          format: audioFormat.optional(),
          transcription: transcription.nullish(),
          turn_detection: turnDetection.nullish(),
          noise_reduction: z.unknown().optional(),
        })
        .optional(),
      output: z.object({ format: audioFormat.optional(), voice: z.unknown().optional(), speed: z.number().optional() }).optional(),
    })
    .optional(),
  troupe: troupeSettings.optional(),
});
export type SessionSettings = z.output<typeof sessionSettings>;

/** @throws ServiceError UNIMPLEMENTED naming the first setting that the gateway does not offer */
export function refuseUnsupported(session: SessionSettings): void {
  if (session.type === "transcription") throw unsupported("session.type", "sessions that only transcribe are");
  if (session.tools?.length) throw unsupported("session.tools", "tools are");
  if (!["undefined", "string"].includes(typeof session.tool_choice) || session.tool_choice === "required")
    throw unsupported("session.tool_choice", "tools are");
  if (session.prompt) throw unsupported("session.prompt", "stored prompts are");
  if (session.include?.length) throw unsupported("session.include", "log probabilities are");
  if (session.max_output_tokens !== undefined && session.max_output_tokens !== "inf")
    throw unsupported("session.max_output_tokens", "a limit of tokens is");
  refuseModalities(session.output_modalities, "session");
  const { input, output } = session.audio ?? {};
  if (output?.speed !== undefined && output.speed !== 1) throw unsupported("session.audio.output.speed", "another speed of speech is");
  const detection = input?.turn_detection;
  if (detection?.type === "server_vad" && detection.idle_timeout_ms != null)
    throw unsupported("session.audio.input.turn_detection.idle_timeout_ms", "answers to silence are");
}

/** The avatar always speaks: text alone is no answer of it. */
export function refuseModalities(modalities: readonly string[] | undefined, parent: string): void {
  if (modalities && !(modalities.length === 1 && modalities[0] === "audio"))
    throw unsupported(`${parent}.output_modalities`, "answers other than spoken ones (with their transcript) are");
}
