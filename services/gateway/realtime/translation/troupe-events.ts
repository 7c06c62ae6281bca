import { type AvPacket, NoticeKind, Track } from "@troupe/contracts";
import type { SessionEvent } from "../../session/session-event.ts";
import type { ServerEvent } from "../protocol/server-event.ts";
import { outputJson } from "../session-options.ts";

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
const tracks: Readonly<Record<Track, string>> = {
  [Track.UNSPECIFIED]: "unknown",
  [Track.AUDIO]: "audio",
  [Track.VIDEO]: "video",
  [Track.MOTION]: "motion",
};
const notices: Readonly<Record<NoticeKind, string>> = {
  [NoticeKind.UNSPECIFIED]: "unknown",
  [NoticeKind.IDLE]: "idle",
  [NoticeKind.SESSION_LIMIT]: "session_limit",
  [NoticeKind.RECONNECT]: "reconnect",
  [NoticeKind.DELAY]: "delay",
};

type Said = Exclude<NonNullable<SessionEvent["case"]>, "av">;
type Writers = { readonly [C in Said]: (value: Extract<SessionEvent, { case: C }>["value"]) => ServerEvent };

const writers: Writers = {
  started: (value) => ({
    type: "troupe.session.started",
    session_id: value.session,
    avatar: value.avatar,
    resume_token: value.resumeToken,
    resume_window_seconds: value.resumeWindowSeconds,
    resumed: value.resumed,
    seed: value.seed,
    label: value.label,
    output: value.output ? outputJson(value.output) : null,
  }),
  utteranceStarted: ({ utterance }) => ({ type: "troupe.utterance", utterance, state: "started" }),
  utteranceEnded: ({ utterance }) => ({ type: "troupe.utterance", utterance, state: "ended" }),
  utteranceTranscribed: ({ utterance, interim, transcript }) => ({
    type: "troupe.utterance",
    utterance,
    state: interim ? "interim" : "final",
    text: transcript?.text ?? "",
    language: transcript?.language ?? "",
  }),
  responseCreated: ({ response, utterance }) => ({ type: "troupe.response", response, state: "created", utterance }),
  responseText: ({ response, clause }) => ({
    type: "troupe.response.text",
    response,
    text: clause?.text ?? "",
    language: clause?.language ?? "",
    citations: (clause?.citations ?? []).map((citation) => plain(citation)),
  }),
  responseStarted: ({ response, sessionPtsUs, stageMs }) => ({
    type: "troupe.response",
    response,
    state: "started",
    session_pts_us: Number(sessionPtsUs),
    stage_ms: stageMs,
  }),
  responseDone: ({ response, heardText, complete, presentedUs, error }) => ({
    type: "troupe.response",
    response,
    state: "done",
    heard_text: heardText,
    complete,
    presented_us: Number(presentedUs),
    ...(error ? { error: { code: error.reason, message: error.message, stage: error.stage } } : {}),
  }),
  responseHeld: ({ response, held }) => ({ type: "troupe.held", response, held }),
  responseCancelled: ({ response }) => ({ type: "troupe.cancelled", response }),
  responseHeard: ({ response, text, heardUs, reported }) => ({ type: "troupe.heard", response, text, heard_us: Number(heardUs), reported }),
  outputChanged: ({ output, step, reason }) => ({
    type: "troupe.output.changed",
    output: output ? outputJson(output) : null,
    step,
    reason,
  }),
  caption: ({ response, sessionPtsUs, text }) => ({ type: "troupe.caption", response, session_pts_us: Number(sessionPtsUs), text }),
  notice: ({ kind, seconds }) => ({ type: "troupe.notice", kind: notices[kind], seconds }),
  error: ({ reason, message, stage }) => ({ type: "troupe.error", code: reason, message, stage }),
  moved: ({ stage, replica }) => ({ type: "troupe.moved", stage, replica }),
  ended: ({ reason }) => ({ type: "troupe.ended", reason }),
};

/** What happens in a session, in the words of our own clients. Picture and sound: see `avEvent`. */
export function troupeEvent(event: SessionEvent): ServerEvent | undefined {
  if (event.case === undefined || event.case === "av") return undefined;
  return (writers[event.case] as (value: unknown) => ServerEvent)(event.value);
}

/** A piece of picture or sound as JSON. */
export function avEvent({ body }: AvPacket): ServerEvent | undefined {
  if (body.case === "header") {
    const { track, codec, description, width, height, framesPerSecond, sampleRateHz, revision } = body.value;
    return {
      type: "troupe.track",
      track: tracks[track],
      codec,
      description: base64(description),
      width,
      height,
      frames_per_second: framesPerSecond,
      sample_rate_hz: sampleRateHz,
      revision,
    };
  }
  if (body.case !== "unit") return undefined;
  const { track, ptsUs, durationUs, keyframe, data, response, responsePtsUs } = body.value;
  return {
    type: "troupe.av",
    track: tracks[track],
    pts_us: Number(ptsUs),
    duration_us: durationUs,
    keyframe,
    response,
    response_pts_us: Number(responsePtsUs),
    data: base64(data),
  };
}

/** A message of the contracts without what only the generated code needs. */
const plain = (given: object): object =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => !key.startsWith("$"))
      .map(([key, value]) => [
        key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        typeof value === "bigint" ? Number(value) : value,
      ]),
  );
