import { hkdfSync, randomUUID } from "node:crypto";
import { ServiceError } from "@troupe/errors";
import { CompactEncrypt, compactDecrypt, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { ClientSecretGrant } from "./principal.ts";

export const clientSecretPrefix = "ek_";
/** Seconds, as OpenAI allows. */
export const secretLifetime = { min: 10, max: 7200, default: 600 } as const;
const maxSessionBytes = 4096;

export interface NewClientSecret {
  readonly tenant: string;
  /** Id of the API key that makes it. */
  readonly key: string;
  readonly lifetimeSeconds: number;
  /** Realtime session object. */
  readonly session: Readonly<Record<string, unknown>>;
  /** A session that runs, for a client that joins it. */
  readonly running?: { readonly id: string; readonly resumeToken: string };
}

export interface CheckedClientSecret {
  readonly tenant: string;
  readonly key: string;
  readonly grant: ClientSecretGrant;
}

export interface ClientSecrets {
  /** @throws ServiceError INVALID_REQUEST where the session object is too large to travel in a header */
  issue(wanted: NewClientSecret): Promise<{ readonly value: string; readonly expiresAtMs: number }>;
  /** @throws ServiceError UNAUTHENTICATED: expired, altered, or of another site */
  check(value: string): Promise<CheckedClientSecret>;
}

const claims = z.object({
  sub: z.string(),
  key: z.string(),
  jti: z.string(),
  exp: z.number(),
  sid: z.string().optional(),
  /** JWE of the resume token of that session. */
  res: z.string().optional(),
  session: z.record(z.string(), z.unknown()),
});

/**
 * Short-lived secrets that an API key makes for a browser: signed JWTs (HS256), so that every gateway of a site takes them without
 * asking any other. Their key is derived from the platform's and the site's name (HKDF, RFC 5869), so that none of them can pass for a
 * grant, nor at another site. One for a session that runs carries its resume token, encrypted (JWE, A256GCM): its holder comes to the
 * session at any gateway, and the gateway that takes it does so by compare-and-set, as with the token itself. A secret is good for
 * as many connections as it lives, as OpenAI's are.
 * @param utcNowMs wall clock, in milliseconds since 1970
 */
export function createClientSecrets(platformKey: string, site: string, utcNowMs: () => number): ClientSecrets {
  const derived = (use: string) => new Uint8Array(hkdfSync("sha256", platformKey, site, use, 32));
  const key = derived("troupe client secret v1");
  const sealKey = derived("troupe client secret resume token v1");
  const seal = async (text: string) =>
    await new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(sealKey);
  const open = async (sealed: string) => new TextDecoder().decode((await compactDecrypt(sealed, sealKey)).plaintext);
  return {
    async issue({ tenant, key: keyId, lifetimeSeconds, session, running }) {
      if (Buffer.byteLength(JSON.stringify(session)) > maxSessionBytes)
        throw new ServiceError("INVALID_REQUEST", `the session of a client secret may have ${maxSessionBytes} bytes`, {
          metadata: { param: "session" },
        });
      const nowSeconds = Math.floor(utcNowMs() / 1000);
      const expiresAt = nowSeconds + lifetimeSeconds;
      const bound = running && { sid: running.id, res: await seal(running.resumeToken) };
      const token = await new SignJWT({ key: keyId, session: { ...session }, ...bound })
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(tenant)
        .setJti(randomUUID())
        .setIssuedAt(nowSeconds)
        .setExpirationTime(expiresAt)
        .sign(key);
      return { value: `${clientSecretPrefix}${token}`, expiresAtMs: expiresAt * 1000 };
    },
    async check(value) {
      try {
        const { payload } = await jwtVerify(value.slice(clientSecretPrefix.length), key, {
          algorithms: ["HS256"],
          currentDate: new Date(utcNowMs()),
          requiredClaims: ["exp", "sub", "jti"],
        });
        const { sub, key: keyId, jti, exp, sid, res, session } = claims.parse(payload);
        const bound = { ...(sid !== undefined && { sessionId: sid }), ...(res !== undefined && { resumeToken: await open(res) }) };
        const grant = { id: jti, expiresAtMs: exp * 1000, session, ...bound };
        return { tenant: sub, key: keyId, grant };
      } catch (cause) {
        throw new ServiceError("UNAUTHENTICATED", "the client secret is expired, or was not made here", { cause });
      }
    },
  };
}
