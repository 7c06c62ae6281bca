import { fromBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import { type Announcement, DemandReportSchema, type StageDemand } from "@troupe/contracts";
import type { Grants } from "@troupe/session";
import { createRegistry, requestDrain } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

/** What replicas and gateways of a site say of themselves. */
export interface FleetView extends Disposable {
  /** Replicas heard within the last 3.5 s. */
  replicas(): readonly Announcement[];
  replica(id: string): Announcement | undefined;
  /**
   * Demand of each tenant for each stage of each pipeline, over all gateways heard within the last 5 s. Rows without a stage count whole
   * sessions, and clients whose tenant may hold no more: they are for the split of limits, and no reason to scale anything.
   */
  demand(): readonly StageDemand[];
}

/** The same, and what can be asked of the replicas. */
export interface Fleet extends FleetView {
  /** Whether the bus is up, and has been for long enough to hear everyone: before that, silence says nothing. */
  readonly connected: boolean;
  /**
   * Asks a replica to take no new sessions and to let its own move.
   * @throws ServiceError NO_RESPONDERS, DEADLINE
   */
  drain(replica: Pick<Announcement, "replica" | "stage">, reason: string): Promise<void>;
  /** How long a replica has not been heard; of one that never was, since this began to listen. */
  silentMs(replica: string): number;
  /** Calls back when a pool's replica came, changed whether it admits, became empty, or fell silent. @returns what ends it */
  onPoolChange(handler: (pool: string) => void): () => void;
}

export interface FleetDeps {
  readonly bus: Bus;
  readonly grants: Grants;
  readonly clock: Clock;
}

const reportStaleMs = 5000;
const silenceCheckMs = 1000;
/** Nobody asks after so long how long a replica has been silent. */
const forgetMs = 600_000;
/** At its start and after its own outage the operator gives everyone so long to be heard: two announcements and a half. */
const settleMs = 2500;

const matters = (now: Announcement, before: Announcement | undefined) =>
  before === undefined ||
  before.boot !== now.boot ||
  before.admitting !== now.admitting ||
  (before.sessions === 0) !== (now.sessions === 0);

type Heard = Parameters<typeof createRegistry>[3];

/** Listens to the announcements and demand reports of a site. */
export function createFleetView({ bus, clock }: Omit<FleetDeps, "grants">, site: string, onHeard?: Heard): FleetView {
  const registry = createRegistry(bus, site, clock, onHeard);
  const reports = createDemandReports(bus, site, clock);
  return {
    replicas: () => registry.all(),
    replica: (id) => registry.replica(id),
    demand: () => reports.demand(),
    [Symbol.dispose]() {
      registry[Symbol.dispose]();
      reports[Symbol.dispose]();
    },
  };
}

/** A view that tells of changes, and asks replicas to drain. */
export function createFleet({ bus, grants, clock }: FleetDeps, site: string): Fleet {
  const handlers = new Set<(pool: string) => void>();
  const tell = (pool: string) => {
    if (pool !== "") for (const handler of handlers) handler(pool);
  };
  const heardMs = new Map<string, number>();
  const view = createFleetView({ bus, clock }, site, (now, before) => {
    heardMs.set(now.replica, clock.nowMs());
    if (matters(now, before)) tell(now.pool);
  });
  const startedMs = clock.nowMs();
  let outageMs = bus.outageMs();
  let outageSeenMs = startedMs - settleMs;
  let heard = new Map<string, string>();
  let lookedMs = startedMs;

  let cancel = clock.setTimer(silenceCheckMs, function again() {
    const nowOutageMs = bus.outageMs();
    // Who slept has not heard anybody either.
    const slept = clock.nowMs() - lookedMs > 2 * silenceCheckMs;
    if (nowOutageMs !== outageMs || slept) outageSeenMs = clock.nowMs();
    outageMs = nowOutageMs;
    lookedMs = clock.nowMs();
    for (const [replica, atMs] of heardMs) if (lookedMs - atMs > forgetMs) heardMs.delete(replica);
    const now = new Map(view.replicas().map(({ replica, pool }) => [replica, pool]));
    for (const [replica, pool] of heard) if (!now.has(replica)) tell(pool);
    heard = now;
    cancel = clock.setTimer(silenceCheckMs, again);
  });

  return {
    get connected() {
      const nowMs = clock.nowMs();
      return bus.connected && nowMs - outageSeenMs >= settleMs && nowMs - startedMs >= settleMs;
    },
    replicas: view.replicas,
    replica: view.replica,
    silentMs: (replica) => clock.nowMs() - (heardMs.get(replica) ?? startedMs),
    demand: view.demand,
    drain: async (replica, reason) => void (await requestDrain({ bus, site, grants }, replica, reason)),
    onPoolChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    [Symbol.dispose]() {
      cancel();
      handlers.clear();
      view[Symbol.dispose]();
    },
  };
}

function createDemandReports(bus: Bus, site: string, clock: Clock) {
  const gateways = new Map<string, { readonly stages: readonly StageDemand[]; readonly seenMs: number }>();
  const subscription = bus.subscribe(infrastructureSubject(site, "announce", "*", "demand"), { limit: 1024, overflow: "drop-oldest" });
  void (async () => {
    for await (const { data } of subscription) {
      const report = readReport(data);
      if (!report) continue;
      gateways.set(report.gateway, { stages: report.stages, seenMs: clock.nowMs() });
      forgetOld();
    }
  })();
  function forgetOld(): void {
    const oldestMs = clock.nowMs() - reportStaleMs;
    for (const [gateway, { seenMs }] of gateways) if (seenMs < oldestMs) gateways.delete(gateway);
  }
  return {
    demand(): readonly StageDemand[] {
      forgetOld();
      const sums = new Map<string, StageDemand>();
      for (const { stages } of gateways.values()) for (const one of stages) add(sums, one);
      return [...sums.values()];
    },
    [Symbol.dispose]: () => subscription.close(),
  };
}

function add(sums: Map<string, StageDemand>, one: StageDemand): void {
  const key = JSON.stringify([one.pipeline, one.stage, one.tenant]);
  const sum = sums.get(key);
  sums.set(key, sum ? { ...sum, active: sum.active + one.active, refused: sum.refused + one.refused } : one);
}

/** Undefined for bytes that are none: a stranger must not stop us from listening to the others. */
function readReport(data: Uint8Array) {
  try {
    return fromBinary(DemandReportSchema, data);
  } catch {
    return undefined;
  }
}
