import type { IncomingHttpHeaders } from "node:http";

const subprotocol = "openai-insecure-api-key.";

/**
 * The secret that a request brings: `Authorization: Bearer <secret>`, or, since browsers cannot set headers on sockets, the
 * subprotocol `openai-insecure-api-key.<secret>`. Never from the query, which is logged on its way.
 */
export function secretOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
  return offered.find((protocol) => protocol.startsWith(subprotocol))?.slice(subprotocol.length);
}
