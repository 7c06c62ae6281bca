/** A form of picture and sound. */
export interface OutputJson {
  readonly width?: number;
  readonly height?: number;
  readonly frames_per_second?: number;
  readonly video_bitrate_bps?: number;
  /** Pose of the avatar instead of pictures; the client draws. */
  readonly motion?: boolean;
  /** Drawn into the picture by the server. */
  readonly captions?: boolean;
  readonly audio_codec?: "opus" | "pcm16" | "aac";
  readonly video_codec?: "h264-high" | "h264-baseline";
}

/** Events of the server that are Troupe's own; times are on the session scale, in microseconds. */
export interface TroupeEvents {
  readonly "troupe.session.started": {
    readonly session_id: string;
    readonly avatar: string;
    readonly resume_token: string;
    readonly resume_window_seconds: number;
    readonly resumed: boolean;
    readonly seed: number;
    readonly label: string;
    readonly output: OutputJson;
  };
  readonly "troupe.utterance": {
    readonly utterance: number;
    readonly state: "started" | "ended" | "interim" | "final";
    readonly text?: string;
    readonly language?: string;
  };
  readonly "troupe.response": {
    readonly response: number;
    readonly state: "created" | "started" | "done";
    readonly utterance?: number;
    readonly session_pts_us?: number;
    readonly heard_text?: string;
    readonly complete?: boolean;
    readonly error?: unknown;
  };
  readonly "troupe.response.text": {
    readonly response: number;
    readonly text: string;
    readonly language: string;
    readonly citations?: readonly unknown[];
  };
  readonly "troupe.held": { readonly response: number; readonly held: boolean };
  readonly "troupe.cancelled": { readonly response: number };
  readonly "troupe.heard": { readonly response: number; readonly text: string; readonly heard_us: number; readonly reported: boolean };
  readonly "troupe.output.changed": { readonly output: OutputJson; readonly step: number; readonly reason: string };
  readonly "troupe.caption": { readonly response: number; readonly session_pts_us: number; readonly text: string };
  readonly "troupe.notice": { readonly kind: "idle" | "session_limit" | "reconnect" | "delay"; readonly seconds: number };
  readonly "troupe.moved": { readonly stage: string; readonly replica: string };
  readonly "troupe.error": { readonly code: string; readonly message: string; readonly stage: string };
  readonly "troupe.ended": { readonly reason: string };
}

/** OpenAI's own error event. */
export interface ErrorEvent {
  readonly type: "error";
  readonly error: { readonly message: string; readonly code: string | null; readonly type: string; readonly retry_after_ms?: number };
}

/** What the client reads of the protocol; other events pass by. */
export type ServerEvent =
  | { [Type in keyof TroupeEvents]: { readonly type: Type } & TroupeEvents[Type] }[keyof TroupeEvents]
  | ErrorEvent
  | { readonly type: "session.created" | "session.updated" | "input_audio_buffer.speech_started" | "input_audio_buffer.speech_stopped" };
