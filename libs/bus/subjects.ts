import { ServiceError } from "@troupe/errors";

export interface SessionAddress {
  readonly site: string;
  readonly tenant: string;
  readonly session: string;
}

const token = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** One part of a subject: letters, digits and hyphens, at most 64. @throws ServiceError INVALID_SUBJECT */
export function validateToken(kind: string, value: string): string {
  if (!token.test(value))
    throw new ServiceError("INVALID_SUBJECT", `${kind} must be 1-64 letters, digits or hyphens`, { metadata: { kind } });
  return value;
}

/** `troupe.v1.<site>.<tenant>.<session>.<edge>`, the subject of one edge of one session. */
export function edgeSubject(address: SessionAddress, edge: string): string {
  const { site, tenant, session } = address;
  return `troupe.v1.${validateToken("site", site)}.${validateToken("tenant", tenant)}.${validateToken("session", session)}.${edge}`;
}

/** `troupe.v1.<site>._<kind>.<id>.<what>`; the underscore keeps it apart from every tenant. */
export function infrastructureSubject(site: string, kind: "replica" | "owner" | "announce" | "operator", id: string, what: string): string {
  return `troupe.v1.${validateToken("site", site)}._${kind}.${id === "*" ? id : validateToken(kind, id)}.${what}`;
}
