import type { SiteModel, SitePlan, SitePool } from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import { fieldManager, group, kinds, labels, type Model, managedBy, type StagePool } from "@troupe/kinds";
import type { Applied, Decision, Informer, KubeApi, KubeObject } from "../../kube/index.ts";

export interface PlannedObjectsDeps {
  readonly api: Pick<KubeApi, "apply" | "delete">;
  readonly pools: Informer<StagePool>;
  readonly models: Informer<Model>;
}

/** The objects that a site has because a plan names them. */
export interface PlannedObjects {
  /** Why the API server would not take the plan; undefined: it would. @throws ServiceError CLUSTER_UNAVAILABLE and others that say nothing of the plan */
  check(plan: SitePlan, signal: AbortSignal): Promise<Decision | undefined>;
  /** Makes the objects those of the plan. A pool that is in it no longer is emptied before it goes. */
  apply(plan: SitePlan, signal: AbortSignal): Promise<void>;
  pools(): readonly StagePool[];
}

const plannedLabel = `${group}/planned-by`;
const ours = { [plannedLabel]: "hub", [labels.managedBy]: managedBy };
export const isPlanned = ({ metadata }: KubeObject): boolean => metadata.labels?.[plannedLabel] === "hub";

const manager = fieldManager("site-plan");

/** What the API server says of a plan, and not of itself; waiting would not change it. */
const refusalReasons: ReadonlyMap<string, string> = new Map([
  ["OBJECT_INVALID", "SpecRefused"],
  ["CLUSTER_FORBIDDEN", "NotPermitted"],
  ["OBJECT_UNKNOWN", "NamespaceUnknown"],
]);

/** @param namespace that of the platform */
export function createPlannedObjects({ api, pools, models }: PlannedObjectsDeps, namespace: string): PlannedObjects {
  /** What was applied of each pool, and which generation of it came of that. */
  const applied = new Map<string, { readonly spec: string; readonly generation: number }>();

  const poolObject = (name: string, spec: unknown) =>
    ({ metadata: { name, namespace, labels: ours }, spec }) as unknown as Applied<StagePool>;
  const modelObject = ({ name, spec }: SiteModel) => ({ metadata: { name, labels: ours }, spec }) as unknown as Applied<Model>;

  /** Whoever else wrote a field of it since makes its generation higher. */
  function isCurrent({ name, spec }: Pick<SitePool, "name" | "spec">): boolean {
    const known = applied.get(name);
    const generation = pools.get({ namespace, name })?.metadata.generation;
    return known !== undefined && generation !== undefined && known.spec === JSON.stringify(spec) && generation <= known.generation;
  }

  async function applyPool(pool: Pick<SitePool, "name" | "spec">, signal: AbortSignal): Promise<void> {
    if (isCurrent(pool)) return;
    const { metadata } = await api.apply(kinds.stagePools, poolObject(pool.name, pool.spec), manager, { force: true, signal });
    applied.set(pool.name, { spec: JSON.stringify(pool.spec), generation: metadata.generation ?? 0 });
  }

  async function retire({ metadata, spec, status }: StagePool, signal: AbortSignal): Promise<void> {
    const { replicas: _, paused: __, ...rest } = spec;
    const empty = spec.maxReplicas === 0 && status?.replicas === 0 && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
    if (!empty)
      return applyPool({ name: metadata.name, spec: toJson({ ...rest, minReplicas: 0, maxReplicas: 0, warmReplicas: 0 }) }, signal);
    applied.delete(metadata.name);
    const only = {
      signal,
      ...(metadata.uid && { uid: metadata.uid }),
      ...(metadata.resourceVersion && { resourceVersion: metadata.resourceVersion }),
    };
    await api.delete(kinds.stagePools, { namespace, name: metadata.name }, only);
  }

  async function removeModels(plan: SitePlan, signal: AbortSignal): Promise<void> {
    const used = new Set([
      ...plan.models.map(({ name }) => name),
      ...pools.list().flatMap(({ spec }) => spec.members.flatMap((member) => member.models)),
    ]);
    for (const { metadata } of models.list().filter((model) => isPlanned(model) && !used.has(model.metadata.name)))
      await api.delete(kinds.models, { name: metadata.name }, { signal, ...(metadata.uid && { uid: metadata.uid }) });
  }

  const own = () => pools.list().filter((pool) => isPlanned(pool) && pool.metadata.deletionTimestamp === undefined);

  return {
    async check(plan, signal) {
      const options = { force: true, dryRun: true, signal };
      const trials = [
        ...plan.models
          .filter(({ name }) => !models.get({ name }))
          .map((model) => ({ what: `model ${model.name}`, run: () => api.apply(kinds.models, modelObject(model), manager, options) })),
        ...plan.pools
          .filter((pool) => !isCurrent(pool))
          .map(({ name, spec }) => ({
            what: `pool ${name}`,
            run: () => api.apply(kinds.stagePools, poolObject(name, spec), manager, options),
          })),
      ];
      for (const { what, run } of trials) {
        const refusal = await run().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (refusal === undefined) continue;
        const reason = isServiceError(refusal) ? refusalReasons.get(refusal.reason) : undefined;
        if (reason === undefined) throw refusal;
        return { reason, message: `the API server refuses ${what}: ${(refusal as Error).message}` };
      }
      return undefined;
    },
    async apply(plan, signal) {
      for (const model of plan.models)
        if (!models.get({ name: model.name })) await api.apply(kinds.models, modelObject(model), manager, { force: true, signal });
      for (const pool of plan.pools) await applyPool(pool, signal);
      const planned = new Set(plan.pools.map(({ name }) => name));
      for (const pool of own()) if (!planned.has(pool.metadata.name)) await retire(pool, signal);
      await removeModels(plan, signal);
    },
    pools: own,
  };
}

const toJson = (value: object): NonNullable<SitePool["spec"]> => JSON.parse(JSON.stringify(value)) as NonNullable<SitePool["spec"]>;
