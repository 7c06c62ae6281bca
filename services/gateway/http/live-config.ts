import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { isLoopback } from "../access/loopback.ts";

const list = (description: string) => z.string().default("").describe(`${description}; separated by commas`);

/** Settings of the HTTP server, for live clients. */
export const liveConfig = {
  httpHost: z.string().default("127.0.0.1").describe("address to serve the page, Realtime, WebRTC and the session API on"),
  httpPort: z.coerce.number().int().min(0).max(65535).default(0).describe("its port; 0: any free one"),
  keysFile: z.string().default("").describe("file of the API keys, as `troupe key` writes it; empty: only this machine is served"),
  allowedOrigins: list("origins of pages that may call beside the gateway's own, with any key"),
  tlsCert: z.string().default("").describe("certificate and chain, PEM; read again when it changes; empty: no TLS"),
  tlsKey: z.string().default("").describe("its private key, PEM"),
  trustedProxies: list("addresses or networks of proxies whose X-Forwarded-For is believed"),
  webhooksFile: z.string().default("").describe("file that says where session events are sent; empty: nowhere"),
};

export type LiveConfig = z.infer<z.ZodObject<typeof liveConfig>>;

export const listOf = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Refuses settings that would open the gateway to everybody. @throws ServiceError INVALID_CONFIG */
export function checkLiveConfig({ httpHost, keysFile, tlsCert, tlsKey }: LiveConfig): void {
  if (keysFile === "" && !isLoopback(httpHost))
    throw new ServiceError(
      "INVALID_CONFIG",
      `without API keys the gateway serves this machine only: set TROUPE_KEYS_FILE (see \`troupe key create --help\`) to listen on ${httpHost} (TROUPE_HTTP_HOST), or listen on 127.0.0.1`,
    );
  if ((tlsCert === "") !== (tlsKey === "")) throw new ServiceError("INVALID_CONFIG", "TROUPE_TLS_CERT and TROUPE_TLS_KEY belong together");
}
