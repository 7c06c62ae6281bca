import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  BindingRecordSchema,
  type SessionContext,
  type SessionRecord,
  SessionRecordSchema,
  type SessionState,
  type Start,
} from "@troupe/contracts";
import type { OwnedSession } from "@troupe/stage";
import type { AccessLimits, Principal } from "../access/principal.ts";
import type { ConversationSnapshot } from "../session/conversation-snapshot.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { EarlierTranscript, TranscriptEntry } from "../session/session-transcript.ts";
import type { EarlierUsage } from "../session/session-usage.ts";
import { newestWithin, recordBounds } from "./record-bounds.ts";

/** What a new owner raises every number and epoch by: more than the old one can have handed out since its last record. */
export const adoptionLeap = 1000;

export interface RecordedSession {
  readonly start: Start;
  readonly owned: OwnedSession;
  readonly live: LiveSession;
}

/** The record of a running session, within `recordBounds`. @param owner empty: it is let go */
export function recordOf({ start, owned, live }: RecordedSession, owner: string): SessionRecord {
  const { messages, presentedUs, said, unsaid, unanswered, instructions } = live.conversation.snapshot();
  const atMs = Math.round(live.usage.report().sessionSeconds * 1000);
  const goingOn: readonly TranscriptEntry[] = said ? [{ ...said, role: "avatar", language: "", atMs, complete: false }] : [];
  const text = (owed: { text: string; language: string } | undefined) =>
    owed && { $typeName: "troupe.conversation.v1.Text" as const, ...owed };
  const record: SessionRecord = {
    ...summaryOf(live, { ...owned.context, owner }, goingOn),
    start,
    epoch: owned.state.epoch,
    state: owned.state.view.snapshot(),
    bindings: owned.bindings().map(({ stage, replica, epoch }) => create(BindingRecordSchema, { stage, replica, epoch })),
    messages: newestWithin(messages, recordBounds.messageBytes, ({ text: words }) => words),
    instructions: newestWithin(instructions, recordBounds.instructionBytes, (words) => words),
    presentedUs: BigInt(Math.round(presentedUs)),
    resumeTokenHash: hashToken(live.resumeToken),
  };
  const owedRest = text(unsaid);
  const owedAnswer = text(unanswered);
  if (owedRest) record.unsaid = owedRest;
  if (owedAnswer) record.unanswered = owedAnswer;
  return record;
}

/**
 * The part of a record that callers are told of: also of a session that has just ended.
 * @param goingOn what is being said, and not in the transcript yet
 */
export function summaryOf(live: LiveSession, context: SessionContext, goingOn: readonly TranscriptEntry[] = []): SessionRecord {
  const { key, limits, motionOnly, clientSecret, openedWith } = live.facts.principal;
  const { sessionSeconds: _, ...used } = live.usage.report();
  const entries = [...live.transcript.entries, ...goingOn];
  const kept = newestWithin(entries, recordBounds.transcriptBytes, ({ text: words }) => words);
  return create(SessionRecordSchema, {
    context,
    caller: {
      key,
      maxSessions: written(limits.maxSessions),
      maxSessionSeconds: written(limits.maxSessionSeconds),
      minutesPerDay: written(limits.minutesPerDay),
      maxTextLength: written(limits.maxTextLength),
      motionOnly,
      clientSecret: clientSecret?.id ?? openedWith ?? "",
    },
    openedUnixMs: BigInt(Math.round(live.facts.openedUnixMs)),
    transcript: kept.map(({ role, atMs, ...entry }) => ({ ...entry, avatar: role === "avatar", atMs: BigInt(Math.max(0, atMs)) })),
    transcriptDropped: live.transcript.dropped + entries.length - kept.length,
    usage: { ...used, videoFrames: BigInt(used.videoFrames) },
    connections: live.attached,
    output: live.output,
  });
}

/** What the new owner begins with. */
export function adoptedState(record: SessionRecord): { readonly state: SessionState; readonly epoch: number } {
  const state = record.state;
  if (!state) throw new Error("a session record without its state");
  return {
    state: { ...state, lastResponse: state.lastResponse + adoptionLeap, lastUtterance: state.lastUtterance + adoptionLeap },
    epoch: record.epoch + adoptionLeap,
  };
}

export function adoptedConversation(record: SessionRecord): ConversationSnapshot {
  const { state } = adoptedState(record);
  const { messages, presentedUs, unsaid, unanswered, instructions } = record;
  return {
    messages,
    instructions,
    lastUtterance: state.lastUtterance,
    lastResponse: state.lastResponse,
    presentedUs: Number(presentedUs),
    ...(unsaid && { unsaid: { text: unsaid.text, language: unsaid.language } }),
    ...(unanswered && { unanswered: { text: unanswered.text, language: unanswered.language } }),
  };
}

/** What was said so far; the beginning of an answer that was being said is the last of it. */
export function adoptedTranscript({ transcript, transcriptDropped }: SessionRecord): EarlierTranscript {
  const entries = transcript.map(
    ({ avatar, number, text, language, atMs, complete }): TranscriptEntry => ({
      role: avatar ? "avatar" : "person",
      number,
      text,
      language,
      atMs: Number(atMs),
      complete,
    }),
  );
  return { entries, dropped: transcriptDropped };
}

export function adoptedUsage({ usage }: SessionRecord): EarlierUsage {
  const { heardSeconds = 0, spokenSeconds = 0, videoFrames = 0n, utterances = 0, responses = 0 } = usage ?? {};
  return { heardSeconds, spokenSeconds, videoFrames: Number(videoFrames), utterances, responses };
}

export function principalOf({ context, caller }: SessionRecord): Principal {
  const limits: AccessLimits = {
    maxSessions: read(caller?.maxSessions),
    maxSessionSeconds: read(caller?.maxSessionSeconds),
    minutesPerDay: read(caller?.minutesPerDay),
    maxTextLength: read(caller?.maxTextLength),
  };
  const { key = "", motionOnly = false, clientSecret = "" } = caller ?? {};
  const principal = { tenant: context?.tenant ?? "", key, limits, motionOnly };
  return clientSecret === "" ? principal : { ...principal, openedWith: clientSecret };
}

export const hashToken = (token: string): Uint8Array => createHash("sha256").update(token).digest();

const written = (limit: number) => (Number.isFinite(limit) ? limit : 0);
const read = (limit: number | undefined) => limit || Number.POSITIVE_INFINITY;
