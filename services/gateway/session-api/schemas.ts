import { z } from "zod";
import { secretLifetime } from "../access/client-secrets.ts";
import { outputRequest, pipelineName, turnDetection } from "../realtime/protocol/session-update.ts";

export const errorObject = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
    metadata: z.record(z.string(), z.string()).optional(),
  }),
});

export const createSession = z.strictObject({
  avatar: z.string().max(64).optional().describe("name of the avatar; default: the gateway's own"),
  language: z.string().max(35).optional().describe("BCP-47 language of the person; default: recognised"),
  pipeline: pipelineName.optional().describe("Pipeline that is to serve it, namespace/name; default: the tenant's"),
  output: outputRequest.nullish().describe("picture and sound; null: sound only"),
  greeting: z.string().max(1000).optional().describe("spoken first, to the first client that comes"),
  greeting_uninterruptible: z.boolean().optional(),
  turn_detection: turnDetection.nullish().describe("null: the client says where its turns end"),
});

const id = z.string();
const unixSeconds = z.int().describe("seconds since 1970");

const output = z.object({
  revision: z.int(),
  width: z.int(),
  height: z.int(),
  frames_per_second: z.int(),
  video_bitrate_bps: z.int(),
  motion: z.boolean(),
  captions: z.boolean(),
  audio_codec: z.string(),
  video_codec: z.string(),
});

export const session = z.object({
  id,
  object: z.literal("session"),
  created_at: unixSeconds,
  avatar: z.string(),
  connections: z.int().describe("clients that are attached now"),
  output,
});

export const clientSecretValue = z.object({ value: z.string(), expires_at: unixSeconds });

export const createdSession = session.extend({
  resume_token: z.string().describe("secret; lets a Realtime client come to the session, and come back"),
  resume_window_seconds: z.int().describe("how long the session waits for a client"),
  client_secret: clientSecretValue.describe("for the browser; knows this session only"),
  urls: z.object({ page: z.string(), realtime: z.string(), whip: z.string(), whep: z.string() }),
});

export const usage = z.object({
  object: z.literal("session.usage"),
  session_seconds: z.number(),
  heard_seconds: z.number(),
  spoken_seconds: z.number(),
  video_frames: z.int(),
  utterances: z.int(),
  responses: z.int(),
});

export const transcript = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      role: z.enum(["person", "avatar"]),
      number: z.int(),
      text: z.string(),
      language: z.string(),
      at_ms: z.int().describe("since the session began"),
      complete: z.boolean().describe("whether the avatar said all of it"),
    }),
  ),
  dropped: z.int().describe("oldest entries of a very long session that are not kept any more"),
});

export const deletedSession = z.object({ id, object: z.literal("session.deleted"), deleted: z.literal(true), usage, transcript });

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(100).optional().describe("`next` of the page before"),
});

export const sessionList = z.object({
  object: z.literal("list"),
  data: z.array(session),
  has_more: z.boolean(),
  next: z.string().nullable(),
});

export const avatar = z.object({
  id,
  object: z.literal("avatar"),
  name: z.string(),
  title: z.string(),
  version: z.string(),
  author: z.string(),
  licence: z.string(),
  languages: z.array(z.string()),
  default: z.boolean(),
});
export const avatarList = z.object({ object: z.literal("list"), data: z.array(avatar) });

export const createClientSecret = z.strictObject({
  expires_after: z
    .strictObject({
      anchor: z.literal("created_at").default("created_at"),
      seconds: z.int().min(secretLifetime.min).max(secretLifetime.max).default(secretLifetime.default),
    })
    .optional(),
  session: z
    .record(z.string(), z.unknown())
    .default({ type: "realtime" })
    .describe("what holds for the client's session from its beginning"),
});

export const createdClientSecret = clientSecretValue.extend({ session: z.record(z.string(), z.unknown()) });
