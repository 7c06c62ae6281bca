import { ServiceError } from "@troupe/errors";
import { joinSession, resumeSession } from "../access/join-session.ts";
import type { Principal } from "../access/principal.ts";
import type { Gateway } from "../gateway.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { Attachment } from "../session/session-event.ts";
import { type SessionOptions, startOf } from "./session-options.ts";

/** Names that clients of OpenAI's own models pass: here they mean the default avatar. */
const foreignModel = /^(gpt|whisper|o\d|default)/;

const avatarOf = ({ avatar, model }: SessionOptions): string => avatar || (foreignModel.test(model) ? "" : model);

export interface OpenDeps {
  readonly gateway: Gateway;
  readonly principal: Principal;
}

/**
 * A session of its own for a connection; it says its greeting.
 * @throws ServiceError as Gateway.open; NOT_PERMITTED where the client may not draw the avatar itself
 */
export async function openSession({ gateway, principal }: OpenDeps, options: SessionOptions): Promise<LiveSession> {
  checkMotion(principal, options);
  const start = startOf(options, principal.tenant, avatarOf(options));
  return await gateway.open(start, principal);
}

/** @throws ServiceError NOT_PERMITTED */
export function checkMotion({ motionOnly }: Principal, { output }: SessionOptions): void {
  if (output?.motion && !motionOnly)
    throw new ServiceError("NOT_PERMITTED", "the API key does not allow motion for drawing in the client", {
      metadata: { param: "session.troupe.output.motion" },
    });
}

/**
 * The session that a client comes back to, or that its client secret was made for, wherever it runs.
 * @throws ServiceError SESSION_UNKNOWN, also where it is another tenant's
 */
export async function findSession({ gateway, principal }: OpenDeps, resumeToken: string | undefined): Promise<LiveSession | undefined> {
  if (resumeToken !== undefined) return await resumeSession(gateway, principal, resumeToken);
  const { sessionId } = principal.clientSecret ?? {};
  return sessionId === undefined ? undefined : await joinSession(gateway, principal, sessionId);
}

/** A session and the one connection that follows it here. */
export class SessionLink {
  readonly session: LiveSession;
  #detach: (() => void) | undefined;

  constructor(session: LiveSession) {
    this.session = session;
  }

  attach(attachment: Attachment, resumed: boolean): void {
    this.#detach = this.session.attach(attachment, { resumed });
  }

  /** @param forGood the client cannot come back: unless others are attached, the session ends */
  async leave(forGood: boolean): Promise<void> {
    this.#detach?.();
    this.#detach = undefined;
    if (forGood && this.session.attached === 0) await this.session.end("client");
  }
}
