import { createHash } from "node:crypto";
import { type Share, shareText } from "../inventory/index.ts";
import type { PlanStage } from "./plan-input.ts";
import { unitKey } from "./units.ts";

export interface PoolIdentity {
  readonly site: string;
  readonly acceleratorClass: string;
  readonly share: Share;
  readonly members: readonly PlanStage[];
}

/** What makes two packs replicas of one pool; the order of members and models doesn't matter. */
export function poolKey({ site, acceleratorClass, share, members }: PoolIdentity): string {
  return [site, acceleratorClass, shareText(share), ...members.map(unitKey).sort()].join("|");
}

/** Longest name that leaves room for what replicas add to it (a label value holds 63). */
const maxLength = 52;
const hashLength = 8;

/**
 * Name of a pool's object: its stages, site and class for people, and a hash of its identity. The same pool has the same name for ever;
 * other pools have other names (8 hex digits: two of 1,000 pools collide with a chance of 1 in 8,600).
 */
export function poolName(identity: PoolIdentity): string {
  const hash = createHash("sha256").update(poolKey(identity)).digest("hex").slice(0, hashLength);
  const stages = identity.members.map(({ stage }) => stage).sort();
  const readable = [stages.join("-"), identity.site, identity.acceleratorClass]
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, maxLength - hashLength - 1)
    .replace(/^-+|-+$/g, "");
  return `${readable || "pool"}-${hash}`;
}
