import { type Bin, type Ledger, membersOf, placeKey } from "./ledger.ts";
import type { Rules } from "./place-unit.ts";
import type { PlannedPool } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import { poolName } from "./pool-name.ts";

interface Exceptions {
  /** Packs that run to measure their capacity. */
  readonly measuring: ReadonlySet<Bin>;
  /** Packs that are given up. */
  readonly without: ReadonlySet<Bin>;
}

/** Equal packs of a site become one pool. */
export function buildPools(
  input: PlanInput,
  ledger: Ledger,
  rules: Rules,
  { measuring, without }: Exceptions,
): { pools: readonly PlannedPool[]; pricePerHourMicros: number } {
  const managed = new Map(input.pools.map((pool) => [pool.name, pool.managed]));
  const named = ledger.bins.filter((bin) => !without.has(bin)).map((bin) => ({ bin, name: bin.pool ?? nameOf(bin) }));
  const pools = [...Map.groupBy(named, ({ name }) => name)].map(([name, group]): PlannedPool => {
    const bins = group.map(({ bin }) => bin);
    const first = bins[0] as Bin;
    const members = membersOf(first);
    const measured = bins.some((bin) => measuring.has(bin));
    const guaranteed = bins.some((bin) => bin.guaranteed);
    const sessions = members.map(({ stage }) => sumSessions(bins, stage));
    return {
      name,
      site: first.site,
      acceleratorClass: first.acceleratorClass,
      share: first.share,
      members,
      minReplicas: measured || guaranteed ? 1 : 0,
      maxReplicas: bins.length,
      sessions,
      packs: bins.map(({ host, replica }) => ({ node: host.host.node, replica })),
      managed: managed.get(name) ?? true,
      ...explain(bins, measured, sessions),
    };
  });
  const pricePerHourMicros = named.reduce(
    (sum, { bin }) => sum + (isNeeded(bin) || measuring.has(bin) ? rules.price(bin.site, bin) : 0),
    0,
  );
  return { pools: pools.sort((a, b) => (a.name < b.name ? -1 : 1)), pricePerHourMicros };
}

const isNeeded = (bin: Bin): boolean => [...bin.sessions.values()].some((sessions) => sessions > 0);

const nameOf = (bin: Bin): string => poolName({ ...bin, members: membersOf(bin) });

function sumSessions(bins: readonly Bin[], stage: string): number {
  let sum = 0;
  for (const { shapes, sessions } of bins) {
    const unit = shapes.find((shape) => shape.unit.stage === stage)?.unit;
    sum += unit ? (sessions.get(unit.key) ?? 0) : 0;
  }
  return sum;
}

function explain(bins: readonly Bin[], measured: boolean, sessions: readonly number[]): { reason: string; message: string } {
  const first = bins[0] as Bin;
  if (measured) return { reason: "Measuring", message: "one replica measures how many sessions it serves" };
  if (sessions.every((count) => count === 0))
    return { reason: "Idle", message: "its replicas run without planned sessions; the autoscaler may end them" };
  const used = bins.reduce((sum, bin) => sum + bin.used, 0);
  const offer = first.host.offers.get(placeKey(first.acceleratorClass, first.shareKind))?.offer;
  const memory = offer ? `, ${offer.memoryMebibytes - first.memoryLeft} of ${offer.memoryMebibytes} MiB each` : "";
  return {
    reason: "Placed",
    message: `${Math.max(...sessions)} sessions on up to ${bins.length} replicas, ${Math.round((used / bins.length) * 100)} % of their time${memory}`,
  };
}
