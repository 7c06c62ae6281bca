import type { Principal } from "./principal.ts";

/** Who came with a client secret knows the session it was made for, and those that it opened. Of the same tenant. */
export function mayKnow(session: { readonly id: string; readonly principal: Principal }, { clientSecret }: Principal): boolean {
  if (!clientSecret) return true;
  const { clientSecret: opener, openedWith } = session.principal;
  return clientSecret.sessionId === session.id || (opener?.id ?? openedWith) === clientSecret.id;
}
