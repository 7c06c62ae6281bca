import { annotations, labels, managedBy, type StagePool } from "@troupe/kinds";
import type { Pod } from "../kube/index.ts";
import type { ExistingPool, ExistingReplica } from "../plan/index.ts";
import { isUnbound } from "./contradictions.ts";
import { shareOf } from "./domain-share.ts";
import { hasEnded } from "./foreign-use.ts";

/** Pools with their pods as a plan sees them. */
export function observedPools(pools: readonly StagePool[], podsOf: (pool: StagePool) => readonly Pod[]): readonly ExistingPool[] {
  return pools.map((pool) => {
    const { site, acceleratorClass, share, members } = pool.spec;
    return {
      name: pool.metadata.name,
      site,
      acceleratorClass,
      share: shareOf(share),
      members: members.map(({ stage, backend, models }) => ({
        stage,
        ...(backend !== undefined && { backend }),
        models: [...models].sort(),
      })),
      managed: isPlanners(pool),
      replicas: podsOf(pool)
        .filter((pod) => !hasEnded(pod))
        .map(replicaOf),
    };
  });
}

/** Made by the planner; those of people are left alone. */
export const isPlanners = ({ metadata }: StagePool): boolean => metadata.labels?.[labels.managedBy] === managedBy;

function replicaOf(pod: Pod): ExistingReplica {
  const leaving = pod.metadata.deletionTimestamp !== undefined || pod.metadata.annotations?.[annotations.draining] !== undefined;
  const node = pod.spec?.nodeName;
  const state = leaving ? "leaving" : isUnbound(pod) ? "pending" : "running";
  return { name: pod.metadata.name, ...(node && { node }), state };
}
