import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type SessionRecord, SessionRecordSchema, type SessionState, type Start } from "@troupe/contracts";
import type { OwnedSession } from "@troupe/stage";
import type { AccessLimits, Principal } from "../access/principal.ts";
import type { ConversationSnapshot } from "../session/conversation-snapshot.ts";
import type { LiveSession } from "../session/live-session.ts";

/** What a new owner raises every number and epoch by: more than the old one can have handed out since its last record. */
export const adoptionLeap = 1000;

export interface RecordedSession {
  readonly start: Start;
  readonly owned: OwnedSession;
  readonly live: LiveSession;
  readonly openedUnixMs: number;
}

/** The record of a running session. @param owner empty: it is let go */
export function recordOf({ start, owned, live, openedUnixMs }: RecordedSession, owner: string): SessionRecord {
  const { messages, presentedUs, unsaid, unanswered, instructions } = live.conversation.snapshot();
  const { key, limits, motionOnly } = live.facts.principal;
  const text = (owed: { text: string; language: string } | undefined) =>
    owed && { $typeName: "troupe.conversation.v1.Text" as const, ...owed };
  const record = create(SessionRecordSchema, {
    context: { ...owned.context, owner },
    start,
    epoch: owned.state.epoch,
    state: owned.state.view.snapshot(),
    bindings: owned.bindings().map(({ stage, replica, epoch }) => ({ stage, replica, epoch })),
    messages: [...messages],
    instructions: [...instructions],
    presentedUs: BigInt(Math.round(presentedUs)),
    resumeTokenHash: hashToken(live.resumeToken),
    caller: {
      key,
      maxSessions: written(limits.maxSessions),
      maxSessionSeconds: written(limits.maxSessionSeconds),
      minutesPerDay: written(limits.minutesPerDay),
      maxTextLength: written(limits.maxTextLength),
      motionOnly,
    },
    openedUnixMs: BigInt(openedUnixMs),
  });
  const owedRest = text(unsaid);
  const owedAnswer = text(unanswered);
  if (owedRest) record.unsaid = owedRest;
  if (owedAnswer) record.unanswered = owedAnswer;
  return record;
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

export function principalOf({ context, caller }: SessionRecord): Principal {
  const limits: AccessLimits = {
    maxSessions: read(caller?.maxSessions),
    maxSessionSeconds: read(caller?.maxSessionSeconds),
    minutesPerDay: read(caller?.minutesPerDay),
    maxTextLength: read(caller?.maxTextLength),
  };
  return { tenant: context?.tenant ?? "", key: caller?.key ?? "", limits, motionOnly: caller?.motionOnly ?? false };
}

export const hashToken = (token: string): Uint8Array => createHash("sha256").update(token).digest();

const written = (limit: number) => (Number.isFinite(limit) ? limit : 0);
const read = (limit: number | undefined) => limit || Number.POSITIVE_INFINITY;
