import type { SessionRecord } from "@troupe/contracts";
import { adoptedTranscript, adoptedUsage } from "../../records/session-record.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { SessionEvent } from "../../session/session-event.ts";
import { transcriptJson, usageJson } from "../session-views.ts";
import type { WebhookEvent, Webhooks } from "./webhooks.ts";

/**
 * Tells a session's tenant what happens in it. Its end is told where it is over for good: a session that goes on at another gateway
 * has not ended.
 */
export function followSession(webhooks: Webhooks, session: LiveSession, adopted: boolean): void {
  const { facts } = session;
  const { tenant, key } = facts.principal;
  const base = { session_id: session.id, avatar: facts.avatar, key };
  if (!adopted) webhooks.send(tenant, { type: "session.created", data: base });
  session.observe((event) => {
    const told = webhookOf(event, base);
    if (told) webhooks.send(tenant, told);
  });
  void Promise.all([session.ended, session.concluded]).then(([reason, over]) => {
    if (!over) return;
    const text = { transcript: transcriptJson(session.transcript.entries) };
    webhooks.send(tenant, { type: "session.ended", data: { ...base, reason, usage: usageJson(session.usage.report()) }, text });
  });
}

/** Tells of a session that ended without a gateway, from its record: nobody came back to it, or a back end removed it. */
export function tellAbandoned(
  webhooks: Webhooks,
  record: SessionRecord,
  { reason, utcNowMs }: { readonly reason: "lost" | "removed"; readonly utcNowMs: number },
): void {
  const { tenant = "", session = "", avatar = "" } = record.context ?? {};
  const sessionSeconds = Math.max(0, utcNowMs - Number(record.openedUnixMs)) / 1000;
  const usage = usageJson({ sessionSeconds, ...adoptedUsage(record) });
  const data = { session_id: session, avatar, key: record.caller?.key ?? "", reason, usage };
  webhooks.send(tenant, { type: "session.ended", data, text: { transcript: transcriptJson(adoptedTranscript(record).entries) } });
}

function webhookOf(event: SessionEvent, base: Readonly<Record<string, unknown>>): WebhookEvent | undefined {
  if (event.case === "utteranceTranscribed" && !event.value.interim) {
    const { utterance, transcript } = event.value;
    const data = { ...base, utterance, language: transcript?.language ?? "" };
    return { type: "utterance.completed", data, text: { text: transcript?.text ?? "" } };
  }
  if (event.case !== "responseDone") return undefined;
  const { response, complete, heardText, presentedUs } = event.value;
  const data = { ...base, response, complete, presented_ms: Math.round(Number(presentedUs) / 1000) };
  return { type: "response.completed", data, text: { text: heardText } };
}
