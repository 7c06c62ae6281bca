import { ServiceError } from "@troupe/errors";
import type { Access, Credentials } from "./access.ts";
import { type ClientSecrets, clientSecretPrefix } from "./client-secrets.ts";
import { secretOf } from "./credentials.ts";
import type { FailedAttempts } from "./failed-attempts.ts";
import type { KeyRing } from "./key-ring.ts";
import { isLoopback, loopbackPrincipal } from "./loopback.ts";
import { checkLoopbackRequest, isSameOrigin } from "./origins.ts";
import type { Principal } from "./principal.ts";

export interface AccessDeps {
  /** Undefined: no key is configured, and only this machine is served. */
  readonly keys: KeyRing | undefined;
  readonly secrets: ClientSecrets;
  readonly failures: FailedAttempts;
}

/** @param allowedOrigins of pages that may call with any key, beside the gateway's own */
export function createAccess({ keys, secrets, failures }: AccessDeps, allowedOrigins: readonly string[]): Access {
  const wrong = () => new ServiceError("UNAUTHENTICATED", "no API key or client secret that is valid here");

  async function holderOf(secret: string | undefined): Promise<Principal> {
    if (secret?.startsWith(clientSecretPrefix)) return await holderOfClientSecret(secret);
    if (!keys) return loopbackPrincipal;
    const holder = secret === undefined ? undefined : keys.holderOf(secret);
    if (!holder) throw wrong();
    return holder;
  }

  /** Its key must still be valid, and tells what may be used. */
  async function holderOfClientSecret(secret: string): Promise<Principal> {
    const { tenant, key, grant } = await secrets.check(secret);
    const holder = keys ? keys.holderById(key) : loopbackPrincipal;
    if (holder?.key !== key || holder.tenant !== tenant) throw wrong();
    return { ...holder, clientSecret: grant };
  }

  function checkOrigin({ headers }: Credentials, key: string): void {
    const { origin, host } = headers;
    if (origin === undefined || isSameOrigin(origin, host) || allowedOrigins.includes(origin) || keys?.originsOf(key).includes(origin))
      return;
    throw new ServiceError("ORIGIN_REFUSED", `pages of ${origin.slice(0, 200)} may not call this gateway`);
  }

  return {
    async authenticate(credentials) {
      if (!keys) {
        if (!isLoopback(credentials.remoteAddress))
          throw new ServiceError("UNAUTHENTICATED", "no API key is configured (TROUPE_KEYS_FILE): only this machine is served");
        checkLoopbackRequest(credentials.headers);
      }
      const holder = await holderOf(secretOf(credentials.headers)).catch((thrown: unknown) => {
        throw failures.failed(credentials.remoteAddress, ServiceError.from(thrown));
      });
      checkOrigin(credentials, holder.key);
      return holder;
    },
    allowsOrigin: (origin, host) => isSameOrigin(origin, host) || allowedOrigins.includes(origin) || (keys?.allowsOrigin(origin) ?? false),
  };
}
