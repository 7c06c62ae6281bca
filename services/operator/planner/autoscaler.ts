import { fieldManager, kinds, type StagePool } from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { type AutoscalePolicy, type AutoscaleState, autoscale, noState, type ScaleDecision, usualPolicy } from "../autoscale/index.ts";
import { type Controller, type Informer, type KubeApi, objectKey, refOf, type WorkQueue } from "../kube/index.ts";
import type { DemandSource } from "./demand-source.ts";
import { isPlanners } from "./observed-pools.ts";
import { pinnedReplicas } from "./pinned.ts";
import type { PlanStore } from "./plan-store.ts";
import { poolLoad, poolLoadAlone } from "./pool-load.ts";

export interface AutoscalerDeps {
  readonly api: Pick<KubeApi, "scale">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pools: Informer<StagePool>;
  readonly source: DemandSource;
  readonly store: PlanStore;
}

export interface AutoscalerOptions {
  readonly namespace: string;
  /** Demand changes without an event, so each pool is looked at so often. */
  readonly periodMs: number;
  readonly defaultPipeline: string;
  readonly policy?: AutoscalePolicy;
}

export interface Autoscaler extends Controller {
  /** What was decided last of a pool, by its key, for `troupe explain`. */
  decisionOf(key: string): ScaleDecision | undefined;
}

const manager = fieldManager("autoscaler");

/** Writes replicas of the planner's pools through the scale subresource, and nothing else. */
export function createAutoscalerController(
  { api, clock, logger, pools, source, store }: AutoscalerDeps,
  options: AutoscalerOptions,
): Autoscaler {
  const { policy = usualPolicy, periodMs, namespace, defaultPipeline } = options;
  const states = new Map<string, AutoscaleState>();
  const decisions = new Map<string, ScaleDecision>();
  return {
    name: "autoscaler",
    concurrency: 4,
    decisionOf: (key) => decisions.get(key),
    async reconcile(key, signal) {
      const pool = pools.get(refOf(key));
      if (!pool || pool.metadata.namespace !== namespace || !isPlanners(pool) || pool.metadata.deletionTimestamp) {
        states.delete(key);
        decisions.delete(key);
        return undefined;
      }
      const known = store.current;
      const planned = known?.plan.pools.find(({ name }) => name === pool.metadata.name);
      // A pool that a known plan does not have is about to go; its bounds say so.
      if (known && !planned) return { requeueAfterMs: periodMs };
      const replicasNow = source.replicas();
      const members =
        known && planned
          ? poolLoad(planned, known, source.demand(), defaultPipeline)
          : poolLoadAlone(pool, { pools: pools.list(), demand: source.demand(), replicas: replicasNow });
      const { minReplicas, maxReplicas, replicas, warmReplicas, paused, template } = pool.spec;
      const { state, decision } = autoscale(
        states.get(key) ?? noState,
        {
          nowMs: clock.nowMs(),
          ...{ minReplicas, maxReplicas, warmReplicas, paused },
          // Written never yet, or overtaken by the bounds: it counts as the nearest bound.
          replicas: Math.min(maxReplicas, Math.max(minReplicas, replicas)),
          leadMs: template.startupSeconds * 1000,
          members,
          pinnedReplicas: pinnedReplicas(replicasNow.filter((one) => one.pool === pool.metadata.name)),
        },
        policy,
      );
      states.set(key, state);
      decisions.set(key, decision);
      if (decision.replicas !== replicas && !paused) {
        await api.scale(kinds.stagePools, pool.metadata as { name: string; namespace: string }, decision.replicas, manager, { signal });
        logger.info({ pool: key, from: replicas, to: decision.replicas, reason: decision.reason }, "scaled");
      }
      return { requeueAfterMs: periodMs };
    },
  };
}

/** @returns what ends it */
export function triggerAutoscaler({ pools, store }: Pick<AutoscalerDeps, "pools" | "store">, queue: WorkQueue): () => void {
  const ends = [
    pools.on(({ object, old }) => {
      if (!old || old.metadata.generation !== object.metadata.generation) queue.add(objectKey(object));
    }),
    store.onChange(() => {
      for (const pool of pools.list()) queue.add(objectKey(pool));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
