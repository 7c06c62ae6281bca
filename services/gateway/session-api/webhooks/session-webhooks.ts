import type { LiveSession } from "../../session/live-session.ts";
import type { SessionEvent } from "../../session/session-event.ts";
import { transcriptView, usageView } from "../session-views.ts";
import type { WebhookEvent, Webhooks } from "./webhooks.ts";

/** Tells a session's tenant what happens in it. */
export function followSession(webhooks: Webhooks, session: LiveSession, adopted: boolean): void {
  const { facts } = session;
  const { tenant, key } = facts.principal;
  const base = { session_id: session.id, avatar: facts.avatar, key };
  if (!adopted) webhooks.send(tenant, { type: "session.created", data: base });
  session.observe((event) => {
    const told = webhookOf(event, base);
    if (told) webhooks.send(tenant, told);
  });
  void session.ended.then((reason) => {
    // It goes on at another gateway, which will tell of its end.
    if (reason === "moved" || reason === "taken") return;
    const text = { transcript: transcriptView(session).data };
    webhooks.send(tenant, { type: "session.ended", data: { ...base, reason, usage: usageView(session) }, text });
  });
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
