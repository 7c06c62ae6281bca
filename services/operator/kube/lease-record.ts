import type { Lease } from "./kind.ts";

/** What a Lease says, with absent fields as zero values. */
export interface LeaseRecord {
  /** Empty: nobody's. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly acquireTime: string;
  /** Changes with each renewal; its value is another machine's clock and says nothing. */
  readonly renewTime: string;
  readonly resourceVersion: string;
}

export function readLease({ metadata, spec }: Lease): LeaseRecord {
  return {
    holder: spec?.holderIdentity ?? "",
    durationMs: (spec?.leaseDurationSeconds ?? 0) * 1000,
    transitions: spec?.leaseTransitions ?? 0,
    acquireTime: spec?.acquireTime ?? "",
    renewTime: spec?.renewTime ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
  };
}

export interface Claim {
  readonly identity: string;
  readonly durationMs: number;
  /** Milliseconds since 1970, UTC: for people who read the Lease. */
  readonly utcNowMs: number;
}

/** The spec with which `identity` takes or keeps the lease. */
export function claimedSpec(before: LeaseRecord | undefined, { identity, durationMs, utcNowMs }: Claim): NonNullable<Lease["spec"]> {
  const now = microTime(utcNowMs);
  const keeps = before?.holder === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1000)),
    leaseTransitions: (before?.transitions ?? 0) + (keeps || !before ? 0 : 1),
    acquireTime: keeps && before.acquireTime ? before.acquireTime : now,
    renewTime: now,
  };
}

/** The spec of a lease that its holder gives back: the next one need not wait. */
export function releasedSpec(before: LeaseRecord, utcNowMs: number): NonNullable<Lease["spec"]> {
  const now = microTime(utcNowMs);
  return { holderIdentity: "", leaseDurationSeconds: 1, leaseTransitions: before.transitions, acquireTime: now, renewTime: now };
}

/**
 * Whether the lease may be taken. Only our own clock counts: how long the record has stood unchanged since we first saw it so.
 * @param unchangedMs since when
 */
export function mayTake(record: LeaseRecord, identity: string, unchangedMs: number): boolean {
  return record.holder === "" || record.holder === identity || unchangedMs >= record.durationMs;
}

/** MicroTime of the API: RFC 3339 with six digits. */
const microTime = (utcNowMs: number) => new Date(utcNowMs).toISOString().replace("Z", "000Z");
