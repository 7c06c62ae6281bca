import { ServiceError } from "@troupe/errors";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { secretLifetime } from "../access/client-secrets.ts";
import { defaultSessionOptions, type SessionOptions, startOf, withTroupe } from "../realtime/session-options.ts";
import { reportOf } from "../records/session-report.ts";
import type { PageWanted, SessionPage } from "../records/site-sessions.ts";
import type { LiveSession } from "../session/live-session.ts";
import { type Call, type Operation, operation } from "./operation.ts";
import { createdSession, createSession, deletedSession, listQuery, session, sessionList, transcript, usage } from "./schemas.ts";
import type { SessionApiDeps } from "./session-api-deps.ts";
import { sessionView, transcriptView, usageJson } from "./session-views.ts";

/** Sessions for back ends: they open them, hand a client its way in, and look after them. */
export function sessionOperations(deps: SessionApiDeps): readonly Operation[] {
  const { gateway } = deps;
  const find = ({ params, principal }: Call) => gateway.directory.find(params["id"] ?? "", principal);
  const one = { path: "/v1/sessions/{id}", caller: "client" } as const;
  return [
    operation({
      method: "POST",
      path: "/v1/sessions",
      id: "createSession",
      summary: "Opens a session; it waits for its first client.",
      caller: "key",
      status: 201,
      body: createSession,
      response: createdSession,
      async handle({ principal, body, request }) {
        const options = optionsOf(body);
        const live = await gateway.open(startOf(options, principal.tenant, options.avatar), principal);
        greet(live, options);
        const secret = await deps.secrets.issue({
          tenant: principal.tenant,
          key: principal.key,
          lifetimeSeconds: secretLifetime.default,
          session: { type: "realtime" },
          running: { id: live.id, resumeToken: live.resumeToken },
        });
        return {
          ...sessionView(reportOf(live)),
          resume_token: live.resumeToken,
          resume_window_seconds: Math.round(live.facts.resumeWindowMs / 1000),
          client_secret: { value: secret.value, expires_at: secret.expiresAtMs / 1000 },
          urls: urlsOf(request, live),
        };
      },
    }),
    operation({
      method: "GET",
      path: "/v1/sessions",
      id: "listSessions",
      summary: "Sessions of the tenant at this site, oldest first.",
      caller: "key",
      query: listQuery,
      response: sessionList,
      handle: async ({ principal, query }) => pageView(await gateway.directory.page(principal.tenant, wantedOf(query))),
    }),
    operation({
      ...one,
      method: "GET",
      id: "getSession",
      summary: "One session.",
      response: session,
      handle: async (call) => sessionView(await find(call)),
    }),
    operation({
      ...one,
      method: "DELETE",
      id: "endSession",
      summary: "Ends a session, and tells what it was.",
      response: deletedSession,
      async handle({ principal, params }) {
        const { id, ...ended } = await gateway.directory.end(params["id"] ?? "", principal);
        const transcript = transcriptView(ended.transcript);
        return { id, object: "session.deleted", deleted: true, usage: usageJson(ended.usage), transcript };
      },
    }),
    operation({
      ...one,
      path: "/v1/sessions/{id}/transcript",
      method: "GET",
      id: "getTranscript",
      summary: "What was said so far; of an answer, what the person heard.",
      response: transcript,
      handle: async (call) => transcriptView((await find(call)).transcript),
    }),
    operation({
      ...one,
      path: "/v1/sessions/{id}/usage",
      method: "GET",
      id: "getUsage",
      summary: "What the session has used so far.",
      response: usage,
      handle: async (call) => usageJson((await find(call)).usage),
    }),
  ];
}

function optionsOf(body: z.output<typeof createSession>): SessionOptions {
  const { turn_detection: turnDetection, output, ...troupe } = body;
  const options: SessionOptions = { ...defaultSessionOptions, ...(turnDetection === undefined ? {} : { turnDetection }), media: "binary" };
  return withTroupe(options, { ...troupe, output: output === undefined ? {} : output });
}

/** Nobody is there yet: the greeting waits for the first client, as an answer waits for one that was lost. */
function greet({ conversation }: LiveSession, { greeting, language, greetingUninterruptible }: SessionOptions): void {
  conversation.left();
  if (greeting !== "") conversation.say(greeting, language, greetingUninterruptible);
}

function urlsOf(request: FastifyRequest, { id, resumeToken }: LiveSession): z.output<typeof createdSession>["urls"] {
  const http = `${request.protocol}://${request.host}`;
  return {
    page: `${http}/`,
    realtime: `${http.replace(/^http/, "ws")}/v1/realtime?resume=${encodeURIComponent(resumeToken)}`,
    whip: `${http}/v1/whip?session=${id}`,
    whep: `${http}/v1/whep?session=${id}`,
  };
}

function wantedOf({ limit, after }: z.output<typeof listQuery>): PageWanted {
  if (after !== undefined && !/^\d{14}\.[0-9a-f-]{36}$/.test(after))
    throw new ServiceError("INVALID_REQUEST", "after: must be `next` of the page before", { metadata: { param: "after" } });
  return { limit, ...(after !== undefined && { after }) };
}

const pageView = ({ sessions, next }: SessionPage): z.output<typeof sessionList> => ({
  object: "list",
  data: sessions.map(sessionView),
  has_more: next !== undefined,
  next: next ?? null,
});
