import type { TurnDetectionSettings } from "./protocol/session-update.ts";
import type { SessionOptions } from "./session-options.ts";

export interface SessionIdentity {
  readonly id: string;
  /** Seconds since 1970; undefined where the session has no limit. */
  readonly expiresAt: number | undefined;
  /** Avatar that speaks, once it is known. */
  readonly avatar: string | undefined;
  /** Language that was asked for; empty: as it is heard. */
  readonly language: string;
}

/** The session as `session.created` and `session.updated` show it: what holds, not what was asked for. */
export function sessionObject(options: SessionOptions, { id, expiresAt, avatar, language }: SessionIdentity): object {
  return {
    type: "realtime",
    object: "realtime.session",
    id,
    model: avatar ?? (options.model || "default"),
    output_modalities: ["audio"],
    instructions: options.instructions,
    tools: [],
    tool_choice: "none",
    max_output_tokens: "inf",
    tracing: null,
    truncation: "auto",
    prompt: null,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    include: null,
    audio: {
      input: {
        format: options.inputFormat,
        transcription: options.transcription ? { model: "default", ...(language ? { language } : {}) } : null,
        noise_reduction: null,
        turn_detection: detection(options.turnDetection),
      },
      output: { format: options.outputFormat, voice: avatar ?? "default", speed: 1 },
    },
    ...(options.aware ? { troupe: { media: options.media, output: options.output ?? null } } : {}),
  };
}

/** Sound from before the onset that belongs to an utterance. */
const prefixPaddingMs = 300;

function detection(given: TurnDetectionSettings | null): object | null {
  if (given === null || given.type === "semantic_vad") return given;
  const { silence_duration_ms: silence, create_response, interrupt_response } = given;
  return {
    type: "server_vad",
    prefix_padding_ms: prefixPaddingMs,
    ...(silence === undefined ? {} : { silence_duration_ms: silence }),
    idle_timeout_ms: null,
    create_response,
    interrupt_response,
  };
}
