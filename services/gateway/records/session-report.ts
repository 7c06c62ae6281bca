import { create } from "@bufbuild/protobuf";
import { type OutputSettings, OutputSettingsSchema, type SessionRecord } from "@troupe/contracts";
import { mayKnow } from "../access/may-know.ts";
import type { Principal } from "../access/principal.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { EarlierTranscript } from "../session/session-transcript.ts";
import type { UsageReport } from "../session/session-usage.ts";
import { adoptedTranscript, adoptedUsage, principalOf } from "./session-record.ts";
import { unknownSession } from "./session-records.ts";

/** What callers are told of a session, wherever it runs. */
export interface SessionReport {
  readonly id: string;
  readonly avatar: string;
  /** When it was opened, in Unix milliseconds. */
  readonly openedUnixMs: number;
  /** Clients that are attached. */
  readonly connections: number;
  readonly output: OutputSettings;
  readonly usage: UsageReport;
  readonly transcript: EarlierTranscript;
  /** Who opened it. */
  readonly principal: Principal;
}

/** Of a session of this gateway. */
export function reportOf({ id, facts, attached, output, usage, transcript }: LiveSession): SessionReport {
  const { avatar, openedUnixMs, principal } = facts;
  const { entries, dropped } = transcript;
  return { id, avatar, openedUnixMs, connections: attached, output, usage: usage.report(), transcript: { entries, dropped }, principal };
}

/** @param connections where the record cannot know: nobody has the session now */
export function recordedReport(record: SessionRecord, utcNowMs: number, connections = record.connections): SessionReport {
  const openedUnixMs = Number(record.openedUnixMs);
  return {
    id: record.context?.session ?? "",
    avatar: record.context?.avatar ?? "",
    openedUnixMs,
    connections,
    output: record.output ?? create(OutputSettingsSchema),
    usage: { sessionSeconds: Math.max(0, utcNowMs - openedUnixMs) / 1000, ...adoptedUsage(record) },
    transcript: adoptedTranscript(record),
    principal: principalOf(record),
  };
}

/** @throws ServiceError SESSION_UNKNOWN where the caller may not know that there is such a session */
export function checkKnown(session: Pick<SessionReport, "id" | "principal">, caller: Principal): void {
  if (session.principal.tenant !== caller.tenant || !mayKnow(session, caller)) throw unknownSession();
}
