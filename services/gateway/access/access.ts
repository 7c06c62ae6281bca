import type { IncomingHttpHeaders } from "node:http";
import type { Principal } from "./principal.ts";

export interface Credentials {
  readonly headers: IncomingHttpHeaders;
  /** Address of the peer. */
  readonly remoteAddress: string;
}

/** Tells who calls. */
export interface Access {
  /**
   * Takes `Authorization: Bearer <API key or client secret>`, or, from browsers' sockets, the subprotocol
   * `openai-insecure-api-key.<secret>`; checks the origin. Without any key configured, callers on loopback are tenant "demo".
   * @throws ServiceError UNAUTHENTICATED, ORIGIN_REFUSED; LIMIT_REACHED after many failures from one address
   */
  authenticate(credentials: Credentials): Promise<Principal>;
  /** Whether pages of this origin may call at all, with whatever key: what CORS answers before it sees one. */
  allowsOrigin(origin: string, host: string | undefined): boolean;
}
