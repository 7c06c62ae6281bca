import { isIPv4 } from "node:net";
import { type Principal, unlimited } from "./principal.ts";

/** Who calls where no key is configured. */
export const loopbackPrincipal: Principal = { tenant: "demo", key: "loopback", limits: unlimited, motionOnly: true };

/** @param address of a host or a peer: "127.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1", "localhost" */
export function isLoopback(address: string): boolean {
  const plain = address
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^::ffff:/, "");
  return plain === "localhost" || plain === "::1" || (isIPv4(plain) && plain.startsWith("127."));
}
