import { create } from "@bufbuild/protobuf";
import { NoticeKind, NoticeSchema, type Start } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Gateway } from "../gateway.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { unknownSession } from "../records/session-records.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { MeteredSession } from "./key-use.ts";
import { mayKnow } from "./may-know.ts";
import type { Principal } from "./principal.ts";
import type { SessionQuotas } from "./session-quotas.ts";

export interface MeteredGatewayDeps {
  readonly gateway: Gateway;
  readonly quotas: SessionQuotas;
  /** A session runs here from now on. */
  readonly onSession: (session: LiveSession, adopted: boolean) => void;
  readonly metrics: Pick<GatewayMetrics, "refusals">;
}

/** The gateway as callers with an API key or a client secret may use it: each within what their key allows. */
export function meteredGateway({ gateway, quotas, onSession, metrics }: MeteredGatewayDeps): Gateway {
  const known = new WeakSet<LiveSession>();
  /** What the gateway itself refuses it counts itself. */
  const counted = <T>(admit: () => T): T => {
    try {
      return admit();
    } catch (thrown) {
      metrics.refusals.inc({ reason: ServiceError.from(thrown).reason });
      throw thrown;
    }
  };
  return {
    get registry() {
      return gateway.registry;
    },
    get sessions() {
      return gateway.sessions;
    },
    get directory() {
      return gateway.directory;
    },
    async open(start, principal) {
      const admission = counted(() => {
        checkPermissions(start, principal);
        return quotas.admit(principal);
      });
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
      if (!mayKnow({ id, principal: session.facts.principal }, principal)) throw unknownSession();
      return session;
    },
    list: (tenant) => gateway.list(tenant),
    followAbandoned: (listener) => gateway.followAbandoned(listener),
    drain: (graceMs) => gateway.drain(graceMs),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
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
