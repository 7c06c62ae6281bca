import { ServiceError } from "@troupe/errors";
import { jwtVerify, SignJWT } from "jose";

/** Tenant of what the platform itself asks of a replica; no name of a tenant can be this. */
export const platformTenant = "_platform";

/** The right to open, or call, one stage for one session. */
export interface Grant {
  readonly tenant: string;
  readonly session: string;
  readonly stage: string;
}

export interface Grants {
  sign(grant: Grant): Promise<string>;
  /** @throws ServiceError GRANT_INVALID (missing, expired, other key), GRANT_SCOPE (another tenant, session or stage) */
  check(token: string, wanted: Grant): Promise<void>;
}

/**
 * Short-lived JWTs (HS256) under a key that the platform's services share.
 * @param key at least 32 bytes
 */
export function createGrants(key: Uint8Array, lifetimeSeconds = 60): Grants {
  if (key.byteLength < 32) throw new ServiceError("INVALID_CONFIG", "the grant key must have at least 32 bytes");
  return {
    sign: ({ tenant, session, stage }) =>
      new SignJWT({ tenant, session, stage }).setProtectedHeader({ alg: "HS256" }).setExpirationTime(`${lifetimeSeconds}s`).sign(key),
    async check(token, wanted) {
      const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"], requiredClaims: ["exp"] }).catch((cause: unknown) => {
        throw new ServiceError("GRANT_INVALID", "the grant is missing, expired or signed by another key", { cause });
      });
      for (const name of ["tenant", "session", "stage"] as const)
        if (payload[name] !== wanted[name])
          throw new ServiceError("GRANT_SCOPE", `the grant is for another ${name}`, { metadata: { field: name } });
    },
  };
}
