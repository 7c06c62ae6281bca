import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import {
  type AvFeedbackPacket,
  AvFeedbackPacketSchema,
  type AvPacket,
  AvPacketSchema,
  type ControlPacket,
  ControlPacketSchema,
  type MotionPacket,
  MotionPacketSchema,
  type PresentedPacket,
  PresentedPacketSchema,
  type PromptPacket,
  PromptPacketSchema,
  type ReplyPacket,
  ReplyPacketSchema,
  type SpeechInPacket,
  SpeechInPacketSchema,
  type SpeechPacket,
  SpeechPacketSchema,
  type TranscriptPacket,
  TranscriptPacketSchema,
} from "@troupe/contracts";

export const stageNames = ["asr", "llm", "tts", "face", "compositor"] as const;
export type StageName = (typeof stageNames)[number];
export type Party = StageName | "gateway";

/** The message each edge carries. */
export interface EdgePackets {
  "speech-in": SpeechInPacket;
  transcript: TranscriptPacket;
  prompt: PromptPacket;
  reply: ReplyPacket;
  speech: SpeechPacket;
  motion: MotionPacket;
  av: AvPacket;
  presented: PresentedPacket;
  control: ControlPacket;
  "av-feedback": AvFeedbackPacket;
}
export type EdgeName = keyof EdgePackets;

/** Edges made of numbered streams: header, bodies, end, each packet with a `seq`. */
export type StreamEdge = Exclude<EdgeName, "control" | "av-feedback">;
export type EdgeBody<E extends StreamEdge> = Exclude<EdgePackets[E]["body"], { case: undefined } | { case: "end" }>;

export interface Edge<E extends EdgeName = EdgeName> {
  readonly name: E;
  readonly schema: GenMessage<EdgePackets[E]>;
  /** The one producer. */
  readonly writer: Party;
  readonly readers: readonly Party[];
  /** Who listens besides, for credit alone; no writer waits for them. */
  readonly listeners?: readonly Party[];
  /** What numbers its streams; a session's streams are numbered by the epoch of their writer. */
  readonly key: "utterance" | "response" | "session" | "none";
  /**
   * resend: in order and whole; what is missing is asked for again from the writer's window.
   * live: newest wins; a gap is skipped up to the next keyframe, which the reader asks for.
   * state: each message replaces the one before.
   */
  readonly policy: "resend" | "live" | "state";
  /** How far the writer may run ahead of the presenter, in media time. */
  readonly leadUs?: number;
  /** Packets a reader keeps, and a writer can send again, of one stream. */
  readonly windowPackets: number;
}

const define = <E extends EdgeName>(edge: Edge<E>): Edge<E> => edge;

/** The map of the data path. docs/data-path.svg is generated from it. */
export const edges: { readonly [E in EdgeName]: Edge<E> } = {
  "speech-in": define({
    name: "speech-in",
    schema: SpeechInPacketSchema,
    writer: "gateway",
    readers: ["asr"],
    key: "utterance",
    policy: "resend",
    windowPackets: 4096,
  }),
  transcript: define({
    name: "transcript",
    schema: TranscriptPacketSchema,
    writer: "asr",
    readers: ["gateway"],
    key: "utterance",
    policy: "resend",
    windowPackets: 512,
  }),
  prompt: define({
    name: "prompt",
    schema: PromptPacketSchema,
    writer: "gateway",
    readers: ["llm"],
    key: "response",
    policy: "resend",
    windowPackets: 16,
  }),
  reply: define({
    name: "reply",
    schema: ReplyPacketSchema,
    writer: "llm",
    readers: ["tts", "gateway"],
    key: "response",
    policy: "resend",
    windowPackets: 512,
  }),
  speech: define({
    name: "speech",
    schema: SpeechPacketSchema,
    writer: "tts",
    readers: ["face", "compositor"],
    key: "response",
    policy: "resend",
    leadUs: 3_000_000,
    windowPackets: 512,
  }),
  motion: define({
    name: "motion",
    schema: MotionPacketSchema,
    writer: "face",
    readers: ["compositor"],
    key: "response",
    policy: "resend",
    leadUs: 1_000_000,
    windowPackets: 512,
  }),
  av: define({
    name: "av",
    schema: AvPacketSchema,
    writer: "compositor",
    readers: ["gateway"],
    key: "session",
    policy: "live",
    windowPackets: 256,
  }),
  presented: define({
    name: "presented",
    schema: PresentedPacketSchema,
    writer: "compositor",
    readers: ["gateway"],
    listeners: ["tts", "face"],
    key: "session",
    policy: "resend",
    windowPackets: 512,
  }),
  control: define({
    name: "control",
    schema: ControlPacketSchema,
    writer: "gateway",
    readers: [...stageNames],
    key: "none",
    policy: "state",
    windowPackets: 64,
  }),
  "av-feedback": define({
    name: "av-feedback",
    schema: AvFeedbackPacketSchema,
    writer: "gateway",
    readers: ["compositor"],
    key: "none",
    policy: "state",
    windowPackets: 16,
  }),
};

export const inputsOf = (party: Party): StreamEdge[] =>
  Object.values(edges).flatMap((edge) => (edge.readers.includes(party) && edge.key !== "none" ? [edge.name as StreamEdge] : []));

export const outputsOf = (party: Party): StreamEdge[] =>
  Object.values(edges).flatMap((edge) => (edge.writer === party && edge.key !== "none" ? [edge.name as StreamEdge] : []));
