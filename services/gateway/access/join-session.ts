import { isServiceError } from "@troupe/errors";
import type { Gateway } from "../gateway.ts";
import { unknownSession } from "../records/session-records.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { Principal } from "./principal.ts";

/**
 * The session of a resume token; where another gateway has it, it comes here.
 * @throws ServiceError SESSION_UNKNOWN, also where it is another tenant's
 */
export async function resumeSession(gateway: Gateway, { tenant }: Principal, resumeToken: string): Promise<LiveSession> {
  const session = await gateway.resume(resumeToken);
  if (session.facts.principal.tenant !== tenant) throw unknownSession();
  return session;
}

/**
 * A session that the caller names. One that a client secret was made for is found at every gateway of the site: where another one has
 * it, it comes here.
 * @throws ServiceError SESSION_UNKNOWN
 */
export async function joinSession(gateway: Gateway, principal: Principal, id: string): Promise<LiveSession> {
  const { clientSecret } = principal;
  try {
    return gateway.session(id, principal);
  } catch (thrown) {
    if (!isServiceError(thrown, "SESSION_UNKNOWN") || clientSecret?.sessionId !== id || clientSecret.resumeToken === undefined)
      throw thrown;
    return await resumeSession(gateway, principal, clientSecret.resumeToken);
  }
}
