import { create } from "@bufbuild/protobuf";
import {
  AudioCodec,
  type OutputSettings,
  OutputSettingsSchema,
  Pacing,
  PresentationSettingsSchema,
  type Start,
  StartSchema,
  type TurnDetection,
  TurnDetectionSchema,
  VideoCodec,
} from "@troupe/contracts";
import { type AudioFormat, pcm } from "./protocol/audio-format.ts";
import type { Media, OutputRequest, SessionSettings, TroupeSettings, TurnDetectionSettings } from "./protocol/session-update.ts";

/** What a client has asked of its session so far. */
export interface SessionOptions {
  /** As the client named it; our clients name the avatar. */
  readonly model: string;
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  /** Null: the client says where its turns end. */
  readonly turnDetection: TurnDetectionSettings | null;
  /** Whether the client wants to read what the person said. */
  readonly transcription: boolean;
  readonly instructions: string;
  readonly media: Media;
  /** Undefined: nothing was said of it; null: sound only. */
  readonly output: OutputRequest | null | undefined;
  readonly avatar: string;
  readonly language: string;
  /** `namespace/name`; empty: the tenant's default. */
  readonly pipeline: string;
  readonly greeting: string;
  readonly greetingUninterruptible: boolean;
  /** The client is one of ours: it is told everything. */
  readonly aware: boolean;
}

const serverVad: TurnDetectionSettings = { type: "server_vad", create_response: true, interrupt_response: true };

export const defaultSessionOptions: SessionOptions = {
  model: "",
  inputFormat: pcm,
  outputFormat: pcm,
  turnDetection: serverVad,
  transcription: true,
  instructions: "",
  media: "none",
  output: undefined,
  avatar: "",
  language: "",
  pipeline: "",
  greeting: "",
  greetingUninterruptible: false,
  aware: false,
};

/** The options after `session.update`; what it leaves out stays. */
export function updated(options: SessionOptions, session: SessionSettings): SessionOptions {
  const { input, output } = session.audio ?? {};
  const changed: SessionOptions = {
    ...options,
    ...(session.instructions === undefined ? {} : { instructions: session.instructions }),
    ...(input?.format ? { inputFormat: input.format } : {}),
    ...(input?.turn_detection === undefined ? {} : { turnDetection: input.turn_detection }),
    ...(input?.transcription === undefined ? {} : { transcription: input.transcription !== null }),
    ...(input?.transcription?.language && options.language === "" ? { language: input.transcription.language } : {}),
    ...(output?.format ? { outputFormat: output.format } : {}),
  };
  return session.troupe ? withTroupe(changed, session.troupe) : changed;
}

export function withTroupe(options: SessionOptions, troupe: TroupeSettings): SessionOptions {
  const { media, output, avatar, language, pipeline, greeting, greeting_uninterruptible: greetingUninterruptible } = troupe;
  const given = Object.entries({ media, avatar, language, pipeline, greeting, greetingUninterruptible }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    ...options,
    ...Object.fromEntries(given),
    ...(output === undefined ? {} : { output: merged(options.output, output) }),
    aware: true,
  };
}

const merged = (before: SessionOptions["output"], now: OutputRequest | null): OutputRequest | null => now && { ...before, ...now };

const audioCodecs = { opus: AudioCodec.OPUS, pcm16: AudioCodec.PCM16, aac: AudioCodec.AAC } as const;
const videoCodecs = { "h264-high": VideoCodec.H264_HIGH, "h264-baseline": VideoCodec.H264_BASELINE } as const;
const audioCodecName = (codec: AudioCodec) => Object.entries(audioCodecs).find(([, value]) => value === codec)?.[0] ?? "aac";
const videoCodecName = (codec: VideoCodec) => Object.entries(videoCodecs).find(([, value]) => value === codec)?.[0] ?? "h264-high";

/** The form of picture and sound that these options mean. Sound in events of the protocol is made of PCM. */
export function outputOf({ media, output }: SessionOptions): OutputSettings {
  const given: OutputRequest = media === "none" ? { audio_codec: "pcm16" } : (output ?? {});
  const side = output && media !== "none" ? 512 : 0;
  return create(OutputSettingsSchema, {
    width: given.width ?? side,
    height: given.height ?? side,
    framesPerSecond: given.frames_per_second ?? 25,
    videoBitrateBps: given.video_bitrate_bps ?? 0,
    motion: given.motion ?? false,
    captions: given.captions ?? false,
    audioCodec: audioCodecs[given.audio_codec ?? "aac"],
    videoCodec: videoCodecs[given.video_codec ?? "h264-high"],
  });
}

/** An output as clients read it. */
export function outputJson(output: OutputSettings): object {
  return {
    revision: output.revision,
    width: output.width,
    height: output.height,
    frames_per_second: output.framesPerSecond,
    video_bitrate_bps: output.videoBitrateBps,
    motion: output.motion,
    captions: output.captions,
    audio_codec: audioCodecName(output.audioCodec),
    video_codec: videoCodecName(output.videoCodec),
  };
}

/** Silence that ends an utterance, by the eagerness that clients ask for, in milliseconds; 0: the gateway's own policy. */
const silenceMs = { low: 1500, medium: 0, auto: 0, high: 500 } as const;

export function turnDetectionOf({ turnDetection }: SessionOptions): TurnDetection {
  if (turnDetection === null) return create(TurnDetectionSchema, { manual: true, withholdResponse: true });
  const silence = turnDetection.type === "server_vad" ? (turnDetection.silence_duration_ms ?? 0) : silenceMs[turnDetection.eagerness];
  return create(TurnDetectionSchema, {
    silenceMs: silence,
    withholdResponse: !turnDetection.create_response,
    ignoreInterruptions: !turnDetection.interrupt_response,
  });
}

/** Sound of the person reaches the session at this rate, whatever the client sends. */
export const heardRateHz = 24_000;

export function startOf(options: SessionOptions, tenant: string, avatar: string): Start {
  const { $typeName: _, revision: __, ...output } = outputOf(options);
  return create(StartSchema, {
    tenant,
    avatar,
    language: options.language,
    pipeline: options.pipeline,
    sampleRateHz: heardRateHz,
    presentation: create(PresentationSettingsSchema, { ...output, sampleRateHz: 24_000, pacing: Pacing.LIVE }),
    greeting: options.greeting,
    greetingUninterruptible: options.greetingUninterruptible,
    turnDetection: turnDetectionOf(options),
  });
}
