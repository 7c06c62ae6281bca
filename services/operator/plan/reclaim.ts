import { vacate } from "./keep.ts";
import type { Bin, Ledger } from "./ledger.ts";
import type { Failure } from "./place-demand.ts";
import type { Leaving } from "./plan.ts";
import type { ExistingReplica, PlanInput } from "./plan-input.ts";
import type { UnplacedReason } from "./unplaced.ts";

export interface Reclaimed {
  readonly leaving: readonly Leaving[];
  readonly packs: ReadonlySet<Bin>;
  /** By key of the request that waits for a place to become free. */
  readonly waiting: ReadonlyMap<string, UnplacedReason>;
}

/** A plan as far as it has been worked out. */
export interface Draft {
  readonly ledger: Ledger;
  readonly failures: readonly Failure[];
}

interface Reclaim {
  readonly input: PlanInput;
  readonly draft: Draft;
  /** Packs that run to measure their capacity. */
  readonly measuring: ReadonlySet<Bin>;
  /** What could be placed in another world. */
  readonly tryWith: (input: PlanInput) => Draft;
}

const nothing: Reclaimed = { leaving: [], packs: new Set(), waiting: new Map() };

/**
 * Gives up running packs that no session is planned for, but only where others find room in their place, and no more of them than there
 * would be new packs. Otherwise idle packs are the autoscaler's business, which waits before it lowers anything.
 */
export function reclaimIdle({ input, draft, measuring, tryWith }: Reclaim): Reclaimed {
  const managed = new Set(input.pools.filter((pool) => pool.managed).map(({ name }) => name));
  const idle = draft.ledger.bins.filter(
    (bin) => bin.replica !== undefined && managed.has(bin.pool ?? "") && bin.used === 0 && !measuring.has(bin),
  );
  const draining = input.pools.some(({ replicas }) => replicas.some(({ state }) => state === "leaving"));
  if (draft.failures.length === 0 || (idle.length === 0 && !draining)) return nothing;
  const without = new Set(idle.flatMap(({ replica }) => replica ?? []));
  const trial = tryWith(dropReplicas(input, ({ name, state }) => state === "leaving" || without.has(name)));
  const after = new Map(trial.failures.map(({ request, left }) => [request.key, left]));
  const helped = draft.failures.filter(({ request, left }) => (after.get(request.key) ?? 0) < left);
  if (helped.length === 0) return nothing;
  const packs = chooseIdle(idle, draft.ledger, trial.ledger);
  // Nothing more is planned on them.
  for (const bin of packs) vacate(bin);
  const leaving = [...packs].map((bin) => ({
    pool: bin.pool ?? "",
    replica: bin.replica ?? "",
    reason: "Reclaimed",
    message: `no session is planned for it, and ${helped[0]?.request.pipeline.name} needs its place`,
  }));
  const waiting = helped.map(({ request }): [string, UnplacedReason] => {
    const message = "there is room once packs without sessions have left";
    return [request.key, { reason: "WaitingForDrain", message }];
  });
  return { leaving, packs, waiting: new Map(waiting) };
}

/** On each machine as many idle packs as would be opened there without them. */
function chooseIdle(idle: readonly Bin[], before: Ledger, after: Ledger): ReadonlySet<Bin> {
  const opened = newPacks(after);
  const anyway = newPacks(before);
  const chosen = new Set<Bin>();
  for (const [node, bins] of Map.groupBy(idle, ({ host }) => host.host.node)) {
    const more = (opened.get(node) ?? 0) - (anyway.get(node) ?? 0);
    for (const bin of bins.slice(0, Math.max(0, more))) chosen.add(bin);
  }
  return chosen;
}

function newPacks(ledger: Ledger): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { host, replica } of ledger.bins) if (!replica) counts.set(host.host.node, (counts.get(host.host.node) ?? 0) + 1);
  return counts;
}

const dropReplicas = (input: PlanInput, drop: (replica: ExistingReplica) => boolean): PlanInput => ({
  ...input,
  pools: input.pools.map((pool) => ({ ...pool, replicas: pool.replicas.filter((replica) => !drop(replica)) })),
});
