import { create } from "@bufbuild/protobuf";
import { NoticeKind, NoticeSchema, type Start } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Gateway } from "../gateway.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { MeteredSession } from "./key-use.ts";
import type { Principal } from "./principal.ts";
import type { SessionQuotas } from "./session-quotas.ts";

export interface MeteredGatewayDeps {
  readonly gateway: Gateway;
  readonly quotas: SessionQuotas;
  /** A session runs here from now on. */
  readonly onSession: (session: LiveSession, adopted: boolean) => void;
}

/** The gateway as callers with an API key or a client secret may use it: each within what their key allows. */
export function meteredGateway({ gateway, quotas, onSession }: MeteredGatewayDeps): Gateway {
  const known = new WeakSet<LiveSession>();
  return {
    get registry() {
      return gateway.registry;
    },
    get sessions() {
      return gateway.sessions;
    },
    async open(start, principal) {
      checkPermissions(start, principal);
      const admission = quotas.admit(principal);
      try {
        const session = await gateway.open({ ...start, tenant: principal.tenant }, principal);
        known.add(session);
        admission.opened(metered(session));
        onSession(session, false);
        return session;
      } catch (thrown) {
        admission.failed();
        throw thrown;
      }
    },
    async resume(token) {
      const session = await gateway.resume(token);
      if (!known.has(session)) {
        known.add(session);
        quotas.adopt(session.facts.principal, metered(session));
        onSession(session, true);
      }
      return session;
    },
    session(id, principal) {
      const session = gateway.session(id, principal);
      if (!mayKnow(session, principal)) throw new ServiceError("SESSION_UNKNOWN", "there is no such session, or it is over");
      return session;
    },
    list: (tenant) => gateway.list(tenant),
    followAbandoned: (listener) => gateway.followAbandoned(listener),
    drain: (graceMs) => gateway.drain(graceMs),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** Who came with a client secret knows the session it was made for, and those that it opened. */
function mayKnow(session: LiveSession, { clientSecret }: Principal): boolean {
  if (!clientSecret) return true;
  const { clientSecret: opener, openedWith } = session.facts.principal;
  return clientSecret.sessionId === session.id || (opener?.id ?? openedWith) === clientSecret.id;
}

function checkPermissions(start: Start, { limits, motionOnly }: Principal): void {
  if (start.presentation?.motion && !motionOnly)
    throw new ServiceError("NOT_PERMITTED", "the API key does not allow clients to draw the avatar (motion)", {
      metadata: { permission: "motion_only" },
    });
  if (start.greeting.length > limits.maxTextLength)
    throw new ServiceError("TEXT_TOO_LONG", `the API key allows texts of ${limits.maxTextLength} characters`, {
      metadata: { limit: "max_text_length", value: String(limits.maxTextLength) },
    });
}

const metered = (session: LiveSession): MeteredSession => ({
  id: session.id,
  lastedMs: session.usage.report().sessionSeconds * 1000,
  ended: session.ended,
  concluded: session.concluded,
  warn: (seconds) => session.event({ case: "notice", value: create(NoticeSchema, { kind: NoticeKind.SESSION_LIMIT, seconds }) }),
  limitReached: () => void session.end("session_limit"),
});
