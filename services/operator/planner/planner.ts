import { isServiceError } from "@troupe/errors";
import {
  type AcceleratorClass,
  fieldManager,
  kinds,
  type Model,
  type Pipeline,
  type Site,
  type StagePool,
  type Tenant,
} from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import {
  applyOwnStatus,
  type Controller,
  conditionOf,
  conditionsOf,
  type Informer,
  type KubeApi,
  type KubeObject,
  type Node,
  objectKey,
  type Pod,
  type ResourceSlice,
  type Statement,
} from "../kube/index.ts";
import type { Plan, Planner } from "../plan/index.ts";
import { type Contradictions, findContradictions, isContradicted, noContradictions } from "./contradictions.ts";
import type { DemandSource } from "./demand-source.ts";
import { isPlanners } from "./observed-pools.ts";
import { pipelinePlaced, poolPlaced } from "./placed-condition.ts";
import { type PlannerSettings, planInputOf } from "./plan-input.ts";
import type { PlanStore } from "./plan-store.ts";
import { poolObject } from "./pool-object.ts";

export interface PlannerDeps {
  readonly api: Pick<KubeApi, "apply" | "applyStatus" | "delete">;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
  readonly logger: Logger;
  readonly nodes: Informer<Node>;
  /** All pods, with an index `pool` that files those of pools under `namespace/pool`. */
  readonly pods: Informer<Pod>;
  readonly slices: Informer<ResourceSlice>;
  readonly classes: Informer<AcceleratorClass>;
  readonly sites: Informer<Site>;
  readonly models: Informer<Model>;
  readonly pipelines: Informer<Pipeline>;
  readonly tenants: Informer<Tenant>;
  readonly pools: Informer<StagePool>;
  readonly source: DemandSource;
  readonly planner: Planner;
  readonly store: PlanStore;
}

export interface PlannerOptions extends PlannerSettings {
  /** Namespace of the pools. */
  readonly namespace: string;
  /** Demand changes without an event, so it is looked at so often. */
  readonly periodMs: number;
}

/** The one key of its queue: a plan is of the whole. */
export const planKey = "plan";
const manager = fieldManager("planner");

/** Plans the whole, writes the pools that the plan wants, and says on pipelines and pools what has a place and what has none, and why. */
export function createPlannerController(deps: PlannerDeps, options: PlannerOptions): Controller {
  const { api, clock, utcNowMs, logger, pools, pods, pipelines, source, planner, store } = deps;
  const { namespace } = options;
  let contradictions: Contradictions = noContradictions;
  /** What was applied last, by pool: an unchanged object is not written again. */
  const applied = new Map<string, string>();
  const podsOf = (pool: StagePool) => pods.byIndex("pool", objectKey(pool));
  const poolOf = new Map<string, StagePool>();

  return {
    name: "planner",
    async reconcile(_key, signal) {
      const own = pools.list().filter((pool) => pool.metadata.namespace === namespace);
      const demand = source.demand();
      contradictions = look(own);
      // Without demand nothing is known: what runs stays as it is.
      if (demand === undefined) return { requeueAfterMs: options.periodMs };
      const input = planInputOf({ ...snapshot(own), demand }, options);
      const plan = planner(input);
      store.set({ input, plan });
      const failures = [...(await writePools(plan, own, signal)), ...(await writeConditions(plan, signal))];
      if (failures.length > 0) throw failures[0];
      return { requeueAfterMs: Math.max(1, Math.min(options.periodMs, contradictions.nextMs ?? options.periodMs)) };
    },
  };

  function look(own: readonly StagePool[]): Contradictions {
    poolOf.clear();
    for (const pool of own) for (const pod of podsOf(pool)) poolOf.set(objectKey(pod), pool);
    const pending = own.flatMap(podsOf);
    const found = findContradictions(contradictions, {
      pods: pending,
      poolOf: (pod) => poolOf.get(objectKey(pod)),
      nowMs: clock.nowMs(),
      utcNowMs: utcNowMs(),
    });
    for (const { message, site, acceleratorClass } of found.exclusions.filter((one) => !contradictions.exclusions.includes(one)))
      logger.warn({ site, acceleratorClass, reason: message }, "the plan is contradicted");
    return found;
  }

  function snapshot(own: readonly StagePool[]) {
    return {
      nodes: deps.nodes.list(),
      pods: pods.list(),
      slices: deps.slices.list(),
      classes: deps.classes.list(),
      sites: deps.sites.list(),
      models: deps.models.list(),
      pipelines: pipelines.list(),
      tenants: deps.tenants.list(),
      pools: own,
      // A pod that no node takes is no replica; what it was for is planned elsewhere.
      podsOf: (pool: StagePool) => podsOf(pool).filter((pod) => !isContradicted(pod, utcNowMs())),
      replicas: source.replicas(),
      exclusions: contradictions.exclusions,
      previous: store.current?.plan,
      nowMs: clock.nowMs(),
    };
  }

  async function writePools(plan: Plan, own: readonly StagePool[], signal: AbortSignal): Promise<readonly unknown[]> {
    const writes: (() => Promise<void>)[] = [];
    for (const pool of plan.pools) {
      if (!pool.managed) continue;
      const object = poolObject(pool, namespace, options.templates);
      if (!object) {
        logger.error({ pool: pool.name, stage: pool.members[0]?.stage }, "there is no template for the pool's first stage");
        continue;
      }
      writes.push(() => write(object, signal));
    }
    for (const pool of own) if (plan.retired.includes(pool.metadata.name)) writes.push(() => retire(pool, signal));
    return await oneAfterTheOther(writes, signal);
  }

  async function write(object: NonNullable<ReturnType<typeof poolObject>>, signal: AbortSignal): Promise<void> {
    const { name } = object.metadata;
    const there = pools.get({ namespace, name });
    const text = JSON.stringify(object);
    const holds = there?.spec.minReplicas === object.spec?.minReplicas && there?.spec.maxReplicas === object.spec?.maxReplicas;
    if (holds && applied.get(name) === text) return;
    await api.apply(kinds.stagePools, object as never, manager, { force: true, signal });
    applied.set(name, text);
  }

  /** Deletes a pool of the planner's once it has no pods; until then it may have none. */
  async function retire(pool: StagePool, signal: AbortSignal): Promise<void> {
    if (!isPlanners(pool) || pool.metadata.deletionTimestamp) return;
    const { name, uid, resourceVersion } = pool.metadata;
    if (podsOf(pool).length > 0) {
      const { members, acceleratorClass, site, share, template } = pool.spec;
      const spec = { members, acceleratorClass, site, share, template, minReplicas: 0, maxReplicas: 0, warmReplicas: 0 };
      const { apiVersion, kind } = pool;
      await write({ apiVersion, kind, metadata: { name, namespace, labels: pool.metadata.labels ?? {} }, spec }, signal);
      return;
    }
    applied.delete(name);
    await api.delete(kinds.stagePools, { name, namespace }, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
  }

  async function writeConditions(plan: Plan, signal: AbortSignal): Promise<readonly unknown[]> {
    const writes = pipelines
      .list()
      .map((pipeline) => () => state(kinds.pipelines, pipeline, pipelinePlaced(objectKey(pipeline), plan), signal));
    for (const pool of pools.list()) {
      if (pool.metadata.namespace !== namespace || (!isPlanners(pool) && !plan.pools.some(({ name }) => name === pool.metadata.name)))
        continue;
      const planned = plan.pools.find(({ name }) => name === pool.metadata.name);
      writes.push(() => state(kinds.stagePools, pool, poolPlaced(planned, pool.metadata.name, plan), signal));
    }
    const failures = await oneAfterTheOther(writes, signal);
    // Who wrote first wakes the planner by that.
    return failures.filter((thrown) => !isServiceError(thrown, "OBJECT_CONFLICT"));
  }

  async function state<T extends KubeObject & { readonly status?: object }>(
    kind: Parameters<typeof applyOwnStatus<T>>[1],
    object: T,
    statement: Statement,
    signal: AbortSignal,
  ): Promise<void> {
    const before = conditionOf(object as never, "Placed") as { status: string; reason: string } | undefined;
    if (before && before.status !== statement.status) logger.info({ object: objectKey(object), reason: statement.reason }, "placed or not");
    const conditions = conditionsOf(object as never, [statement], utcNowMs());
    await applyOwnStatus(api, kind, object, { conditions }, { fieldManager: manager, signal });
  }
}

/** What one object is refused for must not keep the others from being written. @returns what failed */
async function oneAfterTheOther(writes: readonly (() => Promise<void>)[], signal: AbortSignal): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const write of writes) {
    signal.throwIfAborted();
    await write().catch((thrown: unknown) => failures.push(thrown));
  }
  return failures;
}
