import type { Share } from "../inventory/index.ts";
import { type DeviceReserve, noReserve } from "./device-reserve.ts";
import { type Bin, type HostState, type Ledger, type Place, placeKey, placeOn, roomIn, shapeIn, sumOf, tolerance } from "./ledger.ts";
import type { Exclusion, ExistingPool } from "./plan-input.ts";
import { best, type PlacementPolicy } from "./policies/policy.ts";
import type { Scarcity } from "./scarcity.ts";
import type { Price } from "./sites.ts";
import type { Shape, Unit } from "./units.ts";

/** What placing needs to know beside the books. */
export interface Rules {
  readonly policy: PlacementPolicy;
  /** Sites that take nothing new. */
  readonly closedSites: ReadonlySet<string>;
  /** Those still in force. */
  readonly exclusions: readonly Exclusion[];
  readonly price: Price;
  /** Weighs prices where a new pack is chosen. */
  readonly scarcity: Scarcity;
  readonly reserve: DeviceReserve;
  /** Pools of the planner's by site and unit: a pack that one of them describes is opened as theirs. */
  readonly poolsOf: (site: string, unit: string) => readonly PoolPattern[];
}

/** An existing pool, as a pattern for further replicas of it. */
export interface PoolPattern {
  readonly pool: ExistingPool;
  readonly shapes: readonly Shape[];
}

/** Sessions of a unit that running and planned packs of a site have time for. */
export function spareRoom(ledger: Ledger, site: string, unit: Unit): number {
  let room = 0;
  for (const bin of ledger.binsOf(site, unit.key)) {
    const shape = shapeIn(bin, unit.key);
    if (shape) room += Math.max(roomAsBefore(ledger, bin, shape), roomBeside(ledger, bin, shape));
  }
  return room;
}

/** Sessions that new packs could serve, at least `wanted` if there are that many; what other units take of the same place is not known. */
export function newRoom(ledger: Ledger, rules: Rules, site: string, unit: Unit, wanted: number): number {
  let room = 0;
  for (const shape of unit.shapes) {
    if (!shape.sessions) continue;
    for (const bin of joinable(ledger, site, shape)) room += roomIn(bin, shape);
    for (const host of openHosts(ledger, rules, site, shape)) {
      if (room >= wanted) return room;
      room += packsThatFit(host, shape, rules.reserve) * shape.sessions;
    }
  }
  return room;
}

/** Price per session and hour of what would have to be opened for so many. */
export function newPrice(ledger: Ledger, rules: Rules, site: string, unit: Unit, sessions: number): number {
  const missing = sessions - spareRoom(ledger, site, unit);
  if (missing <= 0) return 0;
  const prices = unit.shapes
    .filter((shape) => shape.sessions && !openHosts(ledger, rules, site, shape).next().done)
    .map((shape) => priceOf(rules, site, shape, missing));
  return prices.length > 0 ? Math.min(...prices) / sessions : 0;
}

/** Of new packs for so many sessions: whole ones in money, and what others could have used of a scarce place only as far as it is used. */
function priceOf(rules: Rules, site: string, shape: Shape, sessions: number): number {
  const packs = sessions / (shape.sessions ?? 1);
  return rules.price(site, shape) * (Math.ceil(packs) + packs * (rules.scarcity(site, shape) - 1));
}

/** Serves so many sessions at a site: first with what there is, then with new packs. False: there is no room; the caller undoes it. */
export function placeUnit(ledger: Ledger, rules: Rules, site: string, unit: Unit, sessions: number, guaranteed: boolean): boolean {
  let left = sessions - useSpare(ledger, rules, site, unit, sessions, guaranteed);
  while (left > 0) {
    const served = joinPack(ledger, rules, site, unit, left, guaranteed) || openPack(ledger, rules, site, unit, left, guaranteed);
    if (served === 0) return false;
    left -= served;
  }
  return true;
}

function serve(ledger: Ledger, bin: Bin, shape: Shape, sessions: number, guaranteed: boolean): number {
  ledger.serve(bin, shape, sessions);
  if (guaranteed && !bin.guaranteed) ledger.guarantee(bin);
  return sessions;
}

/**
 * First what each pool had in the plan before, then what is free beyond what their other stages had. Running packs before planned ones,
 * cheap ones before others, those of one stage before those of several, full ones before empty ones: the rest stays empty, and may go.
 */
function useSpare(ledger: Ledger, rules: Rules, site: string, unit: Unit, sessions: number, guaranteed: boolean): number {
  let left = sessions;
  const withRoom: { bin: Bin; shape: Shape; price: number }[] = [];
  for (const bin of ledger.binsOf(site, unit.key)) {
    const shape = shapeIn(bin, unit.key);
    if (shape && roomIn(bin, shape) > 0) withRoom.push({ bin, shape, price: rules.price(site, bin) / (shape.sessions ?? 1) });
  }
  withRoom.sort(
    (a, b) =>
      Number(!a.bin.replica) - Number(!b.bin.replica) ||
      a.price - b.price ||
      a.bin.shapes.length - b.bin.shapes.length ||
      b.bin.used - a.bin.used,
  );
  for (const room of [roomAsBefore, roomBeside]) {
    for (const { bin, shape } of withRoom) {
      const here = Math.min(left, room(ledger, bin, shape));
      if (here > 0) left -= serve(ledger, bin, shape, here, guaranteed);
    }
  }
  return sessions - left;
}

const roomAsBefore = (ledger: Ledger, bin: Bin, shape: Shape): number =>
  Math.min(roomIn(bin, shape), ledger.expected(bin.pool ?? "", shape.unit.key));

function roomBeside(ledger: Ledger, bin: Bin, shape: Shape): number {
  const others = bin.shapes.filter((one) => one !== shape && one.sessions);
  const reserved = others.reduce((sum, one) => sum + ledger.expected(bin.pool ?? "", one.unit.key) / (one.sessions ?? 1), 0);
  return reserved > 0 ? roomIn({ ...bin, used: bin.used + reserved }, shape) : roomIn(bin, shape);
}

/** Puts a rest that doesn't fill a replica of its own into a pack that the plan has opened for other stages. */
function joinPack(ledger: Ledger, rules: Rules, site: string, unit: Unit, sessions: number, guaranteed: boolean): number {
  const candidates = unit.shapes.flatMap((shape) =>
    shape.sessions && sessions < shape.sessions ? joinable(ledger, site, shape).map((bin) => ({ bin, shape })) : [],
  );
  const chosen = best(
    candidates.filter(({ bin, shape }) => roomIn(bin, shape) >= sessions),
    ({ bin, shape }) => rules.policy.rankPack(bin, shape, sessions),
  );
  if (!chosen) return 0;
  ledger.join(chosen.bin, chosen.shape);
  return serve(ledger, chosen.bin, chosen.shape, sessions, guaranteed);
}

/** Packs of this plan on the same kind of share that have memory, an encoder if need be, and no such stage yet. */
function joinable(ledger: Ledger, site: string, shape: Shape): Bin[] {
  if (shape.shareKind === "cpu") return [];
  return ledger
    .binsAt(site)
    .filter(
      (bin) =>
        bin.pool === undefined &&
        bin.acceleratorClass === shape.acceleratorClass &&
        bin.shareKind === shape.shareKind &&
        bin.used < 1 - tolerance &&
        bin.memoryLeft >= shape.memoryMebibytes &&
        bin.encodersLeft >= shape.videoEncoders &&
        bin.host.millicores >= shape.hostMillicores &&
        bin.host.memoryMebibytes >= shape.hostMemoryMebibytes &&
        bin.shapes.every(({ unit }) => unit.stage !== shape.unit.stage),
    );
}

/** Opens the pack that costs least for what is left, one of an existing pool before one of a new pool. */
function openPack(ledger: Ledger, rules: Rules, site: string, unit: Unit, sessions: number, guaranteed: boolean): number {
  const patterns = rules.poolsOf(site, unit.key);
  const candidates = unit.shapes.flatMap((shape, order) => {
    if (!shape.sessions) return [];
    const price = priceOf(rules, site, shape, sessions);
    const ofPools = patterns
      .filter(({ shapes }) => shapes.some((one) => one === shape))
      .map((pattern) => ({ shape, shapes: pattern.shapes, pool: pattern.pool.name, rank: [price, pattern.shapes.length - 1, 0, order] }));
    return [...ofPools, { shape, shapes: [shape], pool: undefined, rank: [price, 0, 1, order] }];
  });
  candidates.sort((a, b) => a.rank.map((one, at) => one - (b.rank[at] ?? 0)).find((difference) => difference !== 0) ?? 0);
  for (const { shape, shapes, pool } of candidates) {
    const place = findPlace(ledger, rules, site, shapes);
    if (!place) continue;
    const bin = ledger.open(place, shapes, { pool });
    return serve(ledger, bin, shape, Math.min(sessions, roomIn(bin, shape)), guaranteed);
  }
  return 0;
}

export function findPlace(ledger: Ledger, rules: Rules, site: string, shapes: readonly Shape[]): Place | undefined {
  const [shape] = shapes;
  if (!shape) return undefined;
  const places: Place[] = [];
  for (const host of openHosts(ledger, rules, site, shape)) {
    const place = placeOn(host, shapes, rules.reserve);
    if (place) places.push(place);
  }
  const all = sumOf(shapes);
  return best(places, (place) => rules.policy.rankHost(place, { ...shape, ...all }));
}

/** Machines of a site that take one more pack of this shape. */
export function* openHosts(ledger: Ledger, rules: Rules, site: string, shape: Shape): Generator<HostState> {
  if (rules.closedSites.has(site)) return;
  const excluded = rules.exclusions.filter((one) => concerns(one, site, shape));
  if (excluded.some(({ node }) => node === undefined)) return;
  for (const host of ledger.hostsAt(site)) {
    if (host.host.closed || excluded.some(({ node }) => node === host.host.node)) continue;
    if (placeOn(host, [shape], rules.reserve)) yield host;
  }
}

/** A machine that had no room for so much CPU has none for more. */
export function concerns(exclusion: Exclusion, site: string, shape: { acceleratorClass: string; share: Share }): boolean {
  if (exclusion.site !== site || exclusion.acceleratorClass !== shape.acceleratorClass) return false;
  if ("cpuMillicores" in exclusion.share)
    return "cpuMillicores" in shape.share && shape.share.cpuMillicores >= exclusion.share.cpuMillicores;
  if ("partition" in exclusion.share) return "partition" in shape.share && shape.share.partition === exclusion.share.partition;
  return "whole" in shape.share;
}

function packsThatFit(host: HostState, shape: Shape, reserve: DeviceReserve): number {
  const onCpu = "cpuMillicores" in shape.share;
  const millicores = "cpuMillicores" in shape.share ? shape.share.cpuMillicores : shape.hostMillicores;
  const memory = onCpu ? shape.memoryMebibytes : shape.hostMemoryMebibytes;
  const reserved = (onCpu ? reserve : noReserve)(host);
  const offers = onCpu ? Number.POSITIVE_INFINITY : (host.offers.get(placeKey(shape.acceleratorClass, shape.shareKind))?.left ?? 0);
  return Math.floor(
    Math.min(
      offers,
      millicores > 0 ? (host.millicores - reserved.millicores) / millicores : offers,
      memory > 0 ? (host.memoryMebibytes - reserved.memoryMebibytes) / memory : offers,
      // A pack that needs nothing would fit for ever.
      10_000,
    ),
  );
}
