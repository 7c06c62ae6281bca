import { type Decision, decide, type Policy } from "../kube/decision.ts";
import { type Bin, type HostState, type Ledger, type Place, placeKey, placeOn } from "./ledger.ts";
import { findPlace, type PoolPattern, type Rules } from "./place-unit.ts";
import type { Leaving } from "./plan.ts";
import type { ExistingPool, ExistingReplica, PlanInput } from "./plan-input.ts";
import type { Shape, Units } from "./units.ts";

interface Standing {
  readonly pool: ExistingPool;
  readonly replica: ExistingReplica;
  readonly lost: boolean;
  readonly host: HostState | undefined;
  /** Where it fits among those that were looked at before it. */
  readonly place: Place | undefined;
}

/** Why a replica that is there is not kept; undefined: it stays where it is. */
const reasonsToLeave: readonly Policy<Standing>[] = [
  ({ pool, lost }) => (lost ? { reason: "SiteLost", message: `site ${pool.site} is lost` } : undefined),
  ({ replica, host }) =>
    replica.node !== undefined && !host ? { reason: "NodeGone", message: `node ${replica.node} is gone, or in no site` } : undefined,
  ({ host }) => host?.host.closed,
  ({ pool, host }) =>
    host && host.host.site !== pool.site
      ? { reason: "NodeMoved", message: `node ${host.host.node} is now in site ${host.host.site}` }
      : undefined,
  ({ replica, place }) =>
    place
      ? undefined
      : replica.node === undefined
        ? { reason: "NoRoom", message: "it is bound to no node, and none has room for it" }
        : { reason: "ShareGone", message: `node ${replica.node} no longer has the share that it runs on` },
];

/**
 * Enters what runs already: a running replica stays on its machine unless that is impossible. One that is leaving holds its place until
 * it is gone.
 * @param givenUp replicas that stay, but without sessions, with why
 */
export function keepExisting(
  input: PlanInput,
  units: Units,
  rules: Rules,
  ledger: Ledger,
  givenUp: ReadonlyMap<string, Decision>,
): readonly Leaving[] {
  const lost = new Set(input.sites.filter(({ state }) => state === "lost").map(({ name }) => name));
  const leaving: Leaving[] = [];
  const all = sortPools(input.pools).flatMap((pool) =>
    [...pool.replicas].sort((a, b) => (a.name < b.name ? -1 : 1)).map((replica) => ({ pool, replica, shapes: poolShapes(pool, units) })),
  );
  const firm = (state: ExistingReplica["state"]) => all.filter(({ replica }) => replica.state === state);
  for (const { replica, shapes } of firm("leaving")) hold(ledger, replica, shapes);
  for (const { pool, replica, shapes } of [...firm("running"), ...firm("pending")]) {
    const host = replica.node === undefined ? undefined : ledger.hostOf(replica.node);
    const place = host
      ? placeOn(host, shapes, rules.reserve)
      : replica.node === undefined
        ? findPlace(ledger, rules, pool.site, shapes)
        : undefined;
    const reason = decide(reasonsToLeave, { pool, replica, host, place, lost: lost.has(pool.site) });
    const moved = givenUp.get(replica.name);
    const leave = (why: Decision) => leaving.push({ pool: pool.name, replica: replica.name, ...why });
    if (reason || !place) {
      hold(ledger, replica, shapes);
      leave(reason ?? { reason: "NoRoom", message: "there is no room for it" });
      continue;
    }
    const bin = ledger.open(place, shapes, { pool: pool.name, replica: replica.name });
    if (!moved) continue;
    // It stays until its sessions have somewhere to go; this plan counts on it for none.
    vacate(bin);
    leave(moved);
  }
  return leaving;
}

export const sortPools = (pools: readonly ExistingPool[]): ExistingPool[] => [...pools].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Leaves no time of a pack for sessions. */
export function vacate(bin: Bin): void {
  bin.used = 1;
}

/** Takes a place out of the books without a pack that could serve anybody. */
function hold(ledger: Ledger, replica: ExistingReplica, shapes: readonly Shape[]): void {
  const host = replica.node === undefined ? undefined : ledger.hostOf(replica.node);
  const [shape] = shapes;
  if (!host || !shape) return;
  if ("cpuMillicores" in shape.share) host.millicores -= shape.share.cpuMillicores;
  const offer = host.offers.get(placeKey(shape.acceleratorClass, shape.shareKind));
  if (offer) offer.left = Math.max(0, offer.left - 1);
  for (const one of shapes) {
    host.millicores -= one.hostMillicores;
    host.memoryMebibytes -= "cpuMillicores" in one.share ? one.memoryMebibytes : one.hostMemoryMebibytes;
  }
}

/** What a pool's members need on its class and share. A member whose models are unknown by now needs nothing that we could tell. */
export function poolShapes(pool: ExistingPool, units: Units): readonly Shape[] {
  return pool.members.map((member) => {
    const unit = units(member);
    const shape = unit.shapes.find((one) => one.acceleratorClass === pool.acceleratorClass && sameShare(one, pool));
    return shape ?? strangeShape(pool, unit);
  });
}

const sameShare = (shape: Shape, { share }: ExistingPool): boolean => JSON.stringify(shape.share) === JSON.stringify(share);

function strangeShape(pool: ExistingPool, unit: Shape["unit"]): Shape {
  const onCpu = "cpuMillicores" in pool.share;
  const shareKind = onCpu ? "cpu" : "partition" in pool.share ? `partition:${pool.share.partition}` : "whole";
  const nothing = { memoryMebibytes: 0, videoEncoders: 0, hostMillicores: 0, hostMemoryMebibytes: 0, sessions: undefined };
  return { unit, acceleratorClass: pool.acceleratorClass, share: pool.share, shareKind, ...nothing };
}

/** The planner's own pools as patterns for further replicas, by site and unit. */
export function poolPatterns(input: PlanInput, units: Units): Rules["poolsOf"] {
  const byUnit = new Map<string, PoolPattern[]>();
  for (const pool of sortPools(input.pools)) {
    if (!pool.managed) continue;
    const shapes = poolShapes(pool, units);
    for (const { unit } of shapes) {
      const key = `${pool.site}|${unit.key}`;
      byUnit.set(key, [...(byUnit.get(key) ?? []), { pool, shapes }]);
    }
  }
  return (site, unit) => byUnit.get(`${site}|${unit}`) ?? [];
}
