const known = "realtime";

/**
 * The WebSocket subprotocol that is answered: browsers cannot set headers, so they offer their secret as
 * `openai-insecure-api-key.<secret>` beside `realtime`. What carries a secret is never sent back.
 */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(known)) return known;
  return [...offered].find((protocol) => !protocol.includes(".")) ?? false;
}
