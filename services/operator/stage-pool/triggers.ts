import type { AcceleratorClass, Site, StagePool } from "@troupe/kinds";
import {
  controllerOf,
  type Expectations,
  type Informer,
  type KubeObject,
  keyOf,
  type Node,
  objectKey,
  type Pod,
  type WorkQueue,
} from "../kube/index.ts";
import type { LocalFleets } from "../sites/index.ts";

export interface PoolTriggers {
  readonly pools: Informer<StagePool>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly sites: Informer<Site>;
  readonly classes: Informer<AcceleratorClass>;
  readonly fleets: Pick<LocalFleets, "onPoolChange">;
  readonly expectations: Expectations;
}

/** The pool that a pod, or another object of a pool's, belongs to, as a queue's key. */
export function poolKeyOf(object: KubeObject): string | undefined {
  const owner = controllerOf(object, "StagePool");
  return owner && keyOf({ name: owner.name, ...(object.metadata.namespace !== undefined && { namespace: object.metadata.namespace }) });
}

/** Wakes a pool for every change that can alter a decision about it. @returns what ends it */
export function triggerPools({ pools, pods, nodes, sites, classes, fleets, expectations }: PoolTriggers, queue: WorkQueue): () => void {
  const ends = [
    pools.on(({ object }) => queue.add(objectKey(object))),
    pods.on(({ type, object }) => {
      const key = poolKeyOf(object);
      if (key === undefined) return;
      if (type === "added") expectations.created(key, objectKey(object));
      if (type === "deleted" || object.metadata.deletionTimestamp !== undefined) expectations.deleted(key, object.metadata.uid ?? "");
      queue.add(key);
    }),
    nodes.on(({ object, old }) => {
      if (old && placeOf(old) === placeOf(object)) return;
      for (const pod of pods.byIndex("node", object.metadata.name)) {
        const key = poolKeyOf(pod);
        if (key !== undefined) queue.add(key);
      }
    }),
    sites.on(({ object, old }) => {
      if (old && old.metadata.generation === object.metadata.generation) return;
      for (const pool of pools.list()) if (pool.spec.site === object.metadata.name) queue.add(objectKey(pool));
    }),
    classes.on(({ type, object }) => {
      if (type !== "added") return;
      for (const pool of pools.list()) if (pool.spec.acceleratorClass === object.metadata.name) queue.add(objectKey(pool));
    }),
    fleets.onPoolChange((name) => {
      for (const pool of pools.list()) if (pool.metadata.name === name) queue.add(objectKey(pool));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What of a node matters: heartbeats change it every few seconds. */
const placeOf = ({ spec, status }: Node) =>
  JSON.stringify([spec?.unschedulable, spec?.taints, status?.conditions?.find(({ type }) => type === "Ready")?.status]);
