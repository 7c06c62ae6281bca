import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "@troupe/errors";
import { isLoopback } from "./loopback.ts";

/**
 * Whether a page at `origin` was served by this very server, by the host that the browser itself names (Fetch standard: Origin, Host).
 * The scheme is left aside: it is another one behind a proxy that ends TLS.
 */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/**
 * Refuses what a page of a stranger could send to a server that listens on loopback without keys: a name that the stranger's DNS
 * points at 127.0.0.1 stands in Host; a proxy on this machine, behind which anybody may be, forwards.
 * @throws ServiceError ORIGIN_REFUSED
 */
export function checkLoopbackRequest(headers: IncomingHttpHeaders): void {
  const host = (headers.host ?? "").replace(/:\d*$/, "");
  if (!isLoopback(host))
    throw new ServiceError("ORIGIN_REFUSED", "without API keys only localhost is served, by that name", { metadata: { field: "host" } });
  if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined)
    throw new ServiceError("ORIGIN_REFUSED", "behind a proxy the gateway needs API keys (TROUPE_KEYS_FILE)", {
      metadata: { field: "forwarded" },
    });
}
