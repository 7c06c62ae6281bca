import { isDeepStrictEqual } from "node:util";
import { isServiceError } from "@troupe/errors";
import {
  annotations,
  fieldManager,
  kinds,
  type Model,
  type Site,
  type StagePool,
  type StagePoolMember,
  type StagePoolStatus,
} from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import type { Fleet } from "../fleet/index.ts";
import {
  builtInKinds,
  type Controller,
  type ControllerRevision,
  type Expectations,
  type Informer,
  keyOf,
  type Node,
  objectKey,
  type Pod,
  refOf,
} from "../kube/index.ts";
import type { LocalFleets } from "../sites/index.ts";
import { decidePool, type PoolDecision, type PoolFacts, unscheduledMs } from "./decide-pool.ts";
import type { PodFacts } from "./pod-facts.ts";
import { drainingAnnotation, podOf } from "./pod-of.ts";
import { applyChildren, type PoolChildrenDeps } from "./pool-children.ts";
import { poolStatusOf, withoutForeignConditions } from "./pool-status.ts";
import { readPod } from "./read-pod.ts";
import { replicaOf } from "./replica-name.ts";
import { revisionOf } from "./revision.ts";
import { forgottenRevisions } from "./revision-history.ts";

export interface StagePoolDeps extends PoolChildrenDeps {
  readonly pools: Informer<StagePool>;
  /** Indexed by "pool" ({@link poolKeyOf}) and "node". */
  readonly pods: Informer<Pod>;
  /** Indexed by "pool". */
  readonly revisions: Informer<ControllerRevision>;
  readonly nodes: Informer<Node>;
  readonly sites: Informer<Site>;
  readonly models: Informer<Model>;
  readonly fleets: Pick<LocalFleets, "of">;
  readonly expectations: Expectations;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
  /** Five characters that tell one pod from another. */
  readonly suffix: () => string;
}

export interface StagePoolOptions {
  /** Keys of taints that empty a node, e.g. `cloud.google.com/gke-spot-preemption`. */
  readonly drainTaints: readonly string[];
}

const manager = fieldManager("stage-pool");
/** A victim is asked again until it says that it drains. */
const askAgainMs = 2000;
/** While something waits for time to pass: silence, a time limit, a pod that finds no node. */
const lookAgainMs = 5000;
const maxCreatesAtOnce = 50;

/** Keeps as many pods of the newest template as the pool wants, and lets none go that somebody talks to. */
export function createStagePoolController(deps: StagePoolDeps, options: StagePoolOptions): Controller {
  const { api, pools, pods, revisions, nodes, sites, classes, models, fleets, expectations, logger, utcNowMs } = deps;

  async function reconcile(key: string): Promise<{ requeueAfterMs?: number } | undefined> {
    const pool = pools.get(refOf(key));
    if (!pool || pool.metadata.deletionTimestamp !== undefined) return void expectations.forget(key);
    // Its pods are another cluster's, which has such a pool of its own.
    if (sites.get({ name: pool.spec.site })?.spec.cluster) return undefined;
    const revision = revisionOf(pool.spec);
    // Its own creates and deletes must have come back before pods are counted.
    if (!expectations.satisfied(key)) return { requeueAfterMs: expectations.remainingMs(key) ?? lookAgainMs };
    const fleet = fleets.of(pool.spec.site);
    const facts = factsOf(pool, key, fleet);
    const { minReplicas, maxReplicas, replicas, drain } = pool.spec;
    const hold = holdOf(pool);
    const desired = Math.min(maxReplicas, Math.max(minReplicas, replicas));
    const wanted = {
      desired,
      revision,
      maxSurge: drain.maxSurge,
      drainTimeoutMs: drain.timeoutSeconds * 1000,
      heard: fleet?.connected === true,
      ...(hold && { hold }),
    };
    const decision = decidePool(wanted, facts);
    const results = await Promise.allSettled([
      applyChildren(deps, pool, revision),
      ...decision.drain.map(({ pod, reason }) => nameVictim(pool, pod, reason)),
      removePods(pool, key, decision),
      createPods(pool, key, revision, decision.create),
      forget(pool, forgottenRevisions(pool, revisions.byIndex("pool", key), facts)),
    ]);
    const unasked = await askToDrain(pool, facts, fleet);
    await applyStatus(pool, poolStatusOf({ pool, desired, revision, pods: facts, decision }, utcNowMs()));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    if (unasked || decision.drain.length > 0) return { requeueAfterMs: askAgainMs };
    const waits = facts.some(
      (pod) => pod.drain !== undefined || pod.load === undefined || (pod.state === "unscheduled" && pod.ageMs < unscheduledMs),
    );
    return waits || !fleet?.connected ? { requeueAfterMs: lookAgainMs } : undefined;
  }

  function holdOf({ spec }: StagePool): PoolFacts["hold"] {
    if (spec.paused) return { reason: "Paused", message: "spec.paused is set" };
    // A deleted site may have been another cluster's.
    if (!sites.get({ name: spec.site })) return { reason: "SiteUnknown", message: `there is no Site ${spec.site}` };
    // Its pods would run without the device that only the class can name.
    if (spec.share.cpuMillicores === undefined && !classes.get({ name: spec.acceleratorClass }))
      return { reason: "ClassUnknown", message: `there is no AcceleratorClass ${spec.acceleratorClass}` };
    return undefined;
  }

  async function applyStatus(pool: StagePool, status: StagePoolStatus): Promise<void> {
    if (isDeepStrictEqual(withoutForeignConditions(pool.status), status)) return;
    const { name, namespace = "default" } = pool.metadata;
    const { apiVersion, kind } = pool;
    await api.applyStatus(kinds.stagePools, { apiVersion, kind, metadata: { name, namespace }, status }, manager);
  }

  function factsOf(pool: StagePool, key: string, fleet: Fleet | undefined) {
    const around = {
      pool,
      node: (name: string) => nodes.get({ name }),
      replica: (id: string) => fleet?.replica(id),
      silentMs: (id: string) => fleet?.silentMs(id) ?? 0,
      drainTaints: options.drainTaints,
      utcNowMs: utcNowMs(),
    };
    return pods.byIndex("pool", key).map((pod) => readPod(pod, around));
  }

  const modelsOf = (member: StagePoolMember) => member.models.flatMap((name) => models.get({ name }) ?? []);

  async function createPods(pool: StagePool, key: string, revision: string, count: number): Promise<void> {
    const { name, namespace = "default" } = pool.metadata;
    const names = Array.from({ length: Math.min(count, maxCreatesAtOnce) }, () => `${name}-${deps.suffix()}`);
    expectations.expectCreated(
      key,
      names.map((pod) => keyOf({ namespace, name: pod })),
    );
    const site = sites.get({ name: pool.spec.site });
    const acceleratorClass = classes.get({ name: pool.spec.acceleratorClass });
    const plan = { pool, revision, site, acceleratorClass, classes: classes.list(), modelsOf };
    await each(names, async (pod) => {
      try {
        await api.create(builtInKinds.pods, podOf({ ...plan, name: pod }), manager);
        logger.info({ pool: key, pod, revision }, "a pod is created");
      } catch (thrown) {
        expectations.created(key, keyOf({ namespace, name: pod }));
        throw thrown;
      }
    });
  }

  async function removePods(pool: StagePool, key: string, { remove }: PoolDecision): Promise<void> {
    const { namespace = "default" } = pool.metadata;
    expectations.expectDeleted(
      key,
      remove.map(({ pod }) => pod.uid),
    );
    await each(remove, async ({ pod: { name, uid }, reason }) => {
      try {
        await api.delete(builtInKinds.pods, { namespace, name }, { uid });
        logger.info({ pool: key, pod: name, reason }, "a pod is deleted");
      } catch (thrown) {
        expectations.deleted(key, uid);
        if (!isServiceError(thrown, "OBJECT_UNKNOWN")) throw thrown;
      }
    });
  }

  async function forget({ metadata: { namespace = "default" } }: StagePool, records: readonly ControllerRevision[]): Promise<void> {
    await each(records, async ({ metadata: { name, uid = "", resourceVersion = "" } }) => {
      try {
        // One that has been applied again meanwhile is in use.
        await api.delete(builtInKinds.controllerRevisions, { namespace, name }, { uid, resourceVersion });
      } catch (thrown) {
        if (!isServiceError(thrown, "OBJECT_UNKNOWN") && !isServiceError(thrown, "OBJECT_CONFLICT")) throw thrown;
      }
    });
  }

  async function nameVictim(pool: StagePool, { name, uid }: PodFacts, reason: string): Promise<void> {
    const { namespace = "default" } = pool.metadata;
    // With its uid: an apply must not make a pod anew that has gone meanwhile.
    const metadata = { name, namespace, uid, annotations: drainingAnnotation(reason, utcNowMs()) };
    await api.apply(builtInKinds.pods, { apiVersion: "v1", kind: "Pod", metadata }, `${manager}-victim`);
    logger.info({ pool: objectKey(pool), pod: name, reason }, "a pod is named to go");
  }

  /** @returns whether one of the victims still takes sessions */
  async function askToDrain(pool: StagePool, facts: readonly PodFacts[], fleet: Fleet | undefined): Promise<boolean> {
    const { members } = pool.spec;
    const deaf = facts
      .filter(({ drain, terminating }) => drain !== undefined && !terminating)
      .flatMap(({ name, drain }) => members.map(({ stage }) => ({ replica: replicaOf(name, stage, members.length), stage, drain })))
      .filter(({ replica }) => fleet?.replica(replica)?.admitting === true);
    await each(deaf, async ({ replica, stage, drain }) => {
      try {
        await fleet?.drain({ replica, stage }, drain?.reason ?? annotations.draining);
      } catch (thrown) {
        logger.debug(
          { replica, stage, reason: isServiceError(thrown) ? thrown.reason : "INTERNAL" },
          "a replica could not be asked to drain",
        );
      }
    });
    return deaf.length > 0;
  }

  return { name: "stage-pool", concurrency: 4, reconcile };
}

/** All at once; the first failure is thrown when all are done. */
async function each<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const failed = (await Promise.allSettled(items.map(action))).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
