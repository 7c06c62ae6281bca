import type { Host, Inventory, Offer, Share } from "../inventory/index.ts";
import type { DeviceReserve } from "./device-reserve.ts";
import type { PlanStage } from "./plan-input.ts";
import type { Shape } from "./units.ts";

/** A replica, there already or planned: one pack on one share. */
export interface Bin {
  readonly site: string;
  readonly acceleratorClass: string;
  readonly share: Share;
  readonly shareKind: string;
  readonly host: HostState;
  /** What it serves. A pack that has no pool yet may get more. */
  readonly shapes: Shape[];
  /** The pool it belongs to, whose members never change; undefined: the plan makes one. */
  readonly pool: string | undefined;
  /** Set where it runs already. */
  readonly replica: string | undefined;
  /** Part of its time that is planned, 0 to 1. */
  used: number;
  memoryLeft: number;
  encodersLeft: number;
  /** Sessions by unit. */
  readonly sessions: Map<string, number>;
  guaranteed: boolean;
}

export interface HostState {
  readonly host: Host;
  millicores: number;
  memoryMebibytes: number;
  /** By `placeKey`. */
  readonly offers: ReadonlyMap<string, OfferState>;
}

export interface OfferState {
  readonly offer: Offer;
  left: number;
}

export const placeKey = (acceleratorClass: string, shareKind: string): string => `${acceleratorClass}/${shareKind}`;

/** Where a new pack could go. */
export interface Place {
  readonly host: HostState;
  /** undefined: CPU. */
  readonly offer: OfferState | undefined;
}

export interface BinOptions {
  readonly pool?: string | undefined;
  readonly replica?: string | undefined;
}

/** The books of one plan: what is free, what is taken by what. Every entry can be taken back, the last first. */
export interface Ledger {
  readonly bins: readonly Bin[];
  hostsAt(site: string): readonly HostState[];
  hostOf(node: string): HostState | undefined;
  binsOf(site: string, unit: string): readonly Bin[];
  binsAt(site: string): readonly Bin[];
  /** @param shapes of one class and kind of share, each of another stage */
  open(place: Place, shapes: readonly Shape[], options?: BinOptions): Bin;
  join(bin: Bin, shape: Shape): void;
  serve(bin: Bin, shape: Shape, sessions: number): void;
  /** Marks that guaranteed sessions run here. */
  guarantee(bin: Bin): void;
  /** Sessions of a unit that the plan before had in a pool, and this one has not planned there yet. */
  expected(pool: string, unit: string): number;
  /** Where undo() goes back to. */
  mark(): number;
  undo(mark: number): void;
}

export const expectedKey = (pool: string, unit: string): string => `${pool}|${unit}`;

/** Rounding of sums of fractions must not cost a session. */
export const tolerance = 1e-9;

/** @param expected sessions that the plan before had, by `expectedKey` */
export function createLedger(inventory: Inventory, expected: ReadonlyMap<string, number> = new Map()): Ledger {
  const open = new Map(expected);
  const hosts = inventory.hosts.map(hostState);
  const byNode = new Map(hosts.map((state) => [state.host.node, state]));
  const bySite = Map.groupBy(hosts, ({ host }) => host.site);
  const bins: Bin[] = [];
  const byUnit = new Map<string, Bin[]>();
  const binsBySite = new Map<string, Bin[]>();
  const journal: (() => void)[] = [];
  const write = (forward: () => void, back: () => void) => {
    forward();
    journal.push(back);
  };
  const index = (map: Map<string, Bin[]>, key: string, bin: Bin) => {
    const list = map.get(key) ?? [];
    map.set(key, list);
    write(
      () => list.push(bin),
      () => list.pop(),
    );
  };
  const take = (host: HostState, millicores: number, memoryMebibytes: number) => add(host, -millicores, -memoryMebibytes);
  const add = (host: HostState, millicores: number, memoryMebibytes: number) => {
    const change = (sign: number) => {
      host.millicores += sign * millicores;
      host.memoryMebibytes += sign * memoryMebibytes;
    };
    write(
      () => change(1),
      () => change(-1),
    );
  };
  const join = (bin: Bin, shape: Shape) => {
    const onCpu = "cpuMillicores" in bin.share;
    const change = (sign: number) => {
      if (!onCpu) bin.memoryLeft -= sign * shape.memoryMebibytes;
      bin.encodersLeft -= sign * shape.videoEncoders;
    };
    write(
      () => {
        bin.shapes.push(shape);
        change(1);
      },
      () => {
        bin.shapes.pop();
        change(-1);
      },
    );
    take(bin.host, shape.hostMillicores, onCpu ? shape.memoryMebibytes : shape.hostMemoryMebibytes);
    index(byUnit, `${bin.site}|${shape.unit.key}`, bin);
  };
  return {
    bins,
    hostsAt: (site) => bySite.get(site) ?? [],
    hostOf: (node) => byNode.get(node),
    binsOf: (site, unit) => byUnit.get(`${site}|${unit}`) ?? [],
    binsAt: (site) => binsBySite.get(site) ?? [],
    open({ host, offer }, shapes, { pool, replica } = {}) {
      const [shape] = shapes;
      if (!shape) throw new TypeError("a pack serves at least one stage");
      const { site } = host.host;
      const bin: Bin = {
        site,
        acceleratorClass: shape.acceleratorClass,
        share: shape.share,
        shareKind: shape.shareKind,
        host,
        shapes: [],
        pool,
        replica,
        used: 0,
        memoryLeft: offer?.offer.memoryMebibytes ?? 0,
        encodersLeft: offer?.offer.videoEncoders ?? 0,
        sessions: new Map(),
        guaranteed: false,
      };
      write(
        () => bins.push(bin),
        () => bins.pop(),
      );
      index(binsBySite, site, bin);
      if (offer) {
        write(
          () => offer.left--,
          () => offer.left++,
        );
      } else if ("cpuMillicores" in shape.share) take(host, shape.share.cpuMillicores, 0);
      for (const one of shapes) join(bin, one);
      return bin;
    },
    join,
    serve(bin, shape, sessions) {
      const time = sessions / (shape.sessions ?? Number.NaN);
      const key = expectedKey(bin.pool ?? "", shape.unit.key);
      const change = (sign: number) => {
        open.set(key, (open.get(key) ?? 0) - sign * sessions);
        bin.used += sign * time;
        bin.sessions.set(shape.unit.key, (bin.sessions.get(shape.unit.key) ?? 0) + sign * sessions);
      };
      write(
        () => change(1),
        () => change(-1),
      );
    },
    guarantee(bin) {
      const before = bin.guaranteed;
      write(
        () => {
          bin.guaranteed = true;
        },
        () => {
          bin.guaranteed = before;
        },
      );
    },
    expected: (pool, unit) => Math.max(0, open.get(expectedKey(pool, unit)) ?? 0),
    mark: () => journal.length,
    undo(mark) {
      while (journal.length > mark) journal.pop()?.();
    },
  };
}

function hostState(host: Host): HostState {
  const offers = new Map(host.offers.map((offer) => [placeKey(offer.acceleratorClass, offer.shareKind), { offer, left: offer.count }]));
  return { host, millicores: host.millicores, memoryMebibytes: host.memoryMebibytes, offers };
}

/**
 * Where on this machine a pack of these shapes fits; the machine's state (cordoned and so on) is not looked at.
 * @param reserve kept from packs on CPU
 */
export function placeOn(host: HostState, shapes: readonly Shape[], reserve: DeviceReserve): Place | undefined {
  const [shape] = shapes;
  if (!shape) return undefined;
  if ("cpuMillicores" in shape.share) {
    const reserved = reserve(host);
    const fits =
      host.host.cpuClass === shape.acceleratorClass &&
      host.millicores - reserved.millicores >= shape.share.cpuMillicores &&
      host.memoryMebibytes - reserved.memoryMebibytes >= shape.memoryMebibytes &&
      shapes.every(({ videoEncoders }) => videoEncoders === 0);
    return fits ? { host, offer: undefined } : undefined;
  }
  const offer = host.offers.get(placeKey(shape.acceleratorClass, shape.shareKind));
  if (!offer || offer.left < 1) return undefined;
  const need = sumOf(shapes);
  const fits =
    need.memoryMebibytes <= offer.offer.memoryMebibytes &&
    need.videoEncoders <= offer.offer.videoEncoders &&
    need.hostMillicores <= host.millicores &&
    need.hostMemoryMebibytes <= host.memoryMebibytes;
  return fits ? { host, offer } : undefined;
}

export function sumOf(shapes: readonly Shape[]): {
  memoryMebibytes: number;
  videoEncoders: number;
  hostMillicores: number;
  hostMemoryMebibytes: number;
} {
  const sum = { memoryMebibytes: 0, videoEncoders: 0, hostMillicores: 0, hostMemoryMebibytes: 0 };
  for (const shape of shapes) {
    sum.memoryMebibytes += shape.memoryMebibytes;
    sum.videoEncoders += shape.videoEncoders;
    sum.hostMillicores += shape.hostMillicores;
    sum.hostMemoryMebibytes += shape.hostMemoryMebibytes;
  }
  return sum;
}

export const shapeIn = (bin: Bin, unit: string): Shape | undefined => bin.shapes.find((shape) => shape.unit.key === unit);

/** Sessions of a unit that the pack still has time for. Time adds up: a session of a stage takes 1/sessions of its replica's. */
export function roomIn(bin: Bin, shape: Shape): number {
  if (!shape.sessions) return 0;
  return Math.max(0, Math.floor((1 - bin.used) * shape.sessions + tolerance * shape.sessions));
}

export const membersOf = (bin: Bin): PlanStage[] =>
  bin.shapes.map(({ unit }) => unit.member).sort((a, b) => (a.stage < b.stage ? -1 : a.stage > b.stage ? 1 : 0));
