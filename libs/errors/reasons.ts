import { StatusCode } from "./status-code.ts";

/**
 * Every reason a Troupe error can carry, with its gRPC status and what a caller can do about it.
 * docs/errors.md is generated from this table (`make generate`).
 */
export const reasons = {
  AUDIO_EMPTY: { code: StatusCode.INVALID_ARGUMENT, help: "The recording holds no samples. Record again and check the microphone." },
  AUDIO_FORMAT: {
    code: StatusCode.INVALID_ARGUMENT,
    help: "Not a sound file that Troupe reads. Send WAV with PCM (8-32 bit), float, A-law or mu-law.",
  },
  AUDIO_TOO_LONG: {
    code: StatusCode.INVALID_ARGUMENT,
    help: "One utterance is limited; split the recording or raise the limit of the service.",
  },
  AUDIO_TRUNCATED: { code: StatusCode.INVALID_ARGUMENT, help: "The file ends before its header says so. Transfer it again." },
  NO_SPEECH: { code: StatusCode.INVALID_ARGUMENT, help: "No speech was found in the audio. Speak louder or nearer to the microphone." },
  TEXT_TOO_LONG: { code: StatusCode.INVALID_ARGUMENT, help: "The text is over the limit. Shorten or split it." },
  TEXT_EMPTY: { code: StatusCode.INVALID_ARGUMENT, help: "The text holds nothing that can be said." },
  INVALID_REQUEST: { code: StatusCode.INVALID_ARGUMENT, help: "A field of the request is missing or out of range; the message names it." },
  INVALID_CONFIG: { code: StatusCode.INVALID_ARGUMENT, help: "A setting is missing or out of range; the message names it." },
  INVALID_SUBJECT: {
    code: StatusCode.INVALID_ARGUMENT,
    help: "An id holds characters that a subject may not hold (letters, digits, - and _ only).",
  },
  ASSET_INVALID: { code: StatusCode.INVALID_ARGUMENT, help: "The avatar asset does not fit its schema; the message names the field." },
  LANGUAGE_UNSUPPORTED: { code: StatusCode.INVALID_ARGUMENT, help: "No model or voice of this pipeline speaks the language." },
  AVATAR_UNKNOWN: { code: StatusCode.NOT_FOUND, help: "No avatar of that name. `troupe avatar list` shows those installed." },
  PIPELINE_UNKNOWN: {
    code: StatusCode.NOT_FOUND,
    help: "No Pipeline of that name runs at this site. `kubectl get pipelines --all-namespaces` lists them.",
  },
  MODEL_UNKNOWN: { code: StatusCode.NOT_FOUND, help: "No manifest of that name under models/." },
  MODEL_MISSING: { code: StatusCode.FAILED_PRECONDITION, help: "The model is not in the cache. Run `make models`." },
  MODEL_CORRUPT: {
    code: StatusCode.DATA_LOSS,
    help: "A model file is not what its manifest says. `make models` replaces it; where a source gives other bytes, try another one.",
  },
  MODEL_REFUSED: {
    code: StatusCode.FAILED_PRECONDITION,
    help: "The policy for models does not let this one through (licence, signature or filing number); the message says which.",
  },
  TOOL_MISSING: { code: StatusCode.FAILED_PRECONDITION, help: "A program is missing; the message holds its install line." },
  GRANT_INVALID: { code: StatusCode.UNAUTHENTICATED, help: "The grant is missing, expired or signed by another key." },
  GRANT_SCOPE: { code: StatusCode.PERMISSION_DENIED, help: "The grant is for another tenant, session or stage." },
  UNAUTHENTICATED: {
    code: StatusCode.UNAUTHENTICATED,
    help: "Send `Authorization: Bearer` with an API key or a client secret that is still valid.",
  },
  ORIGIN_REFUSED: {
    code: StatusCode.PERMISSION_DENIED,
    help: "Pages of this origin may not call the gateway; allow it with TROUPE_ALLOWED_ORIGINS.",
  },
  NOT_PERMITTED: { code: StatusCode.PERMISSION_DENIED, help: "The API key does not allow this; the message names the permission." },
  LIMIT_REACHED: { code: StatusCode.RESOURCE_EXHAUSTED, help: "A limit of the API key or of its tenant is reached; the metadata name it." },
  SESSION_UNKNOWN: { code: StatusCode.NOT_FOUND, help: "There is no session of that id, it is over, or it belongs to somebody else." },
  NO_CAPACITY: { code: StatusCode.RESOURCE_EXHAUSTED, help: "All replicas are full. Try again after the delay in the error." },
  NOT_READY: { code: StatusCode.UNAVAILABLE, help: "The service is still loading its model. Try again shortly." },
  DRAINING: { code: StatusCode.RESOURCE_EXHAUSTED, help: "The replica is leaving. Another replica will take the session." },
  QUEUE_FULL: { code: StatusCode.RESOURCE_EXHAUSTED, help: "Work arrives faster than it can be done. Try again later." },
  NO_REPLICA: { code: StatusCode.UNAVAILABLE, help: "No replica of the stage is announced. Is its service running?" },
  STAGE_LOST: {
    code: StatusCode.UNAVAILABLE,
    help: "The replica that served the session stopped answering. The session goes on at another one.",
  },
  STAGE_FAILED: { code: StatusCode.INTERNAL, help: "A stage failed on this response. The message names the stage; its log has the cause." },
  PEER_UNAVAILABLE: { code: StatusCode.UNAVAILABLE, help: "The service cannot be reached, or went away during the call. Try again." },
  BUS_DISCONNECTED: { code: StatusCode.UNAVAILABLE, help: "The connection to NATS is down; it is being restored." },
  NO_RESPONDERS: { code: StatusCode.UNAVAILABLE, help: "Nobody listens on the subject." },
  BACKEND_FAILED: { code: StatusCode.UNAVAILABLE, help: "The model backend failed; the cause is attached." },
  DEADLINE: { code: StatusCode.DEADLINE_EXCEEDED, help: "The work could not be done in time." },
  END_MISSING: { code: StatusCode.DEADLINE_EXCEEDED, help: "A stream stopped without its end. The writer probably died." },
  RECORD_CONFLICT: { code: StatusCode.ABORTED, help: "Somebody else changed the record first. Read it again." },
  STORE_UNAVAILABLE: { code: StatusCode.UNAVAILABLE, help: "The NATS server keeps nothing: start it with JetStream (`-js`)." },
  STREAM_GAP: { code: StatusCode.DATA_LOSS, help: "Messages of a stream were lost and their writer no longer has them." },
  OBJECT_UNKNOWN: { code: StatusCode.NOT_FOUND, help: "The cluster has no such object, or its kind is not installed there." },
  OBJECT_EXISTS: { code: StatusCode.ALREADY_EXISTS, help: "The cluster already has an object of that name." },
  OBJECT_CONFLICT: {
    code: StatusCode.ABORTED,
    help: "Another writer holds the field or changed the object first; the message names it. Read it again.",
  },
  OBJECT_INVALID: { code: StatusCode.INVALID_ARGUMENT, help: "The cluster refuses the object; the message names the field and the rule." },
  CLUSTER_FORBIDDEN: {
    code: StatusCode.PERMISSION_DENIED,
    help: "The cluster does not let this account do it; the message names the verb and the resource.",
  },
  CLUSTER_UNAVAILABLE: {
    code: StatusCode.UNAVAILABLE,
    help: "The API server of the cluster cannot be reached or is overloaded. It is tried again; sessions go on without it.",
  },
  WATCH_EXPIRED: { code: StatusCode.ABORTED, help: "The cluster has forgotten where the watch stood. It is listed again." },
  EVICTION_REFUSED: { code: StatusCode.RESOURCE_EXHAUSTED, help: "A disruption budget protects the pod now: it still has sessions." },
  LEADERSHIP_LOST: { code: StatusCode.ABORTED, help: "Another operator holds the lease; this one has stopped its controllers." },
  CANCELLED: { code: StatusCode.CANCELLED, help: "The caller cancelled." },
  INTERNAL: { code: StatusCode.INTERNAL, help: "A defect. The log has the cause." },
  UNIMPLEMENTED: { code: StatusCode.UNIMPLEMENTED, help: "The service does not offer this call." },
} as const satisfies Record<string, { readonly code: StatusCode; readonly help: string }>;

export type Reason = keyof typeof reasons;
