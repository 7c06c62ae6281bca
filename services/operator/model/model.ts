import { fieldManager, kinds, type Model, type ModelProfile, type StagePool } from "@troupe/kinds";
import { applyOwnStatus, type Controller, type Informer, type KubeApi, objectKey, type Pod, refOf, type WorkQueue } from "../kube/index.ts";
import type { SiteReports } from "../site/index.ts";
import type { LocalFleets } from "../sites/index.ts";
import { announcedProfiles } from "./announced-profiles.ts";
import type { ModelCatalogue } from "./catalogue.ts";
import type { KeptProfiles } from "./kept-profiles.ts";
import { type ModelUse, modelStatus } from "./model-status.ts";

export interface ModelDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  readonly models: Informer<Model>;
  /** Indexed by "model" ({@link modelsOfPool}). */
  readonly pools: Informer<StagePool>;
  /** Indexed by "pool". */
  readonly pods: Informer<Pod>;
  readonly fleets: Pick<LocalFleets, "of" | "onPoolChange">;
  readonly kept: KeptProfiles;
  readonly reports: Pick<SiteReports, "profilesOf" | "onChange">;
  readonly catalogue: ModelCatalogue;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

/** Names of the Models that a pool loads. */
export const modelsOfPool = ({ spec }: StagePool): readonly string[] => [...new Set(spec.members.flatMap(({ models }) => models))];

/** Owns Verified, Profiled and the profile of each Model: what its replicas have measured. */
export function createModelController(deps: ModelDeps): Controller {
  const { api, models, pools, pods, fleets, kept, reports, catalogue, utcNowMs } = deps;
  const manager = fieldManager("model");

  function measuredOf(model: Model, users: readonly StagePool[]): readonly ModelProfile[] {
    const view = {
      pools: users,
      podsOf: (pool: StagePool) => pods.byIndex("pool", objectKey(pool)),
      announcement: (site: string, replica: string) => fleets.of(site)?.replica(replica),
      kept: kept.list(),
    };
    return [...announcedProfiles(model, view), ...reports.profilesOf(model.metadata.name)];
  }

  return {
    name: "model",
    async reconcile(key, signal) {
      const name = models.get(refOf(key))?.spec.manifest.id;
      const entry = name === undefined ? undefined : await catalogue.lookUp(name);
      // Looked up again: the files took their time.
      const model = models.get(refOf(key));
      if (!model) return undefined;
      const users = pools.byIndex("model", key);
      const status = modelStatus({ model, entry, measured: measuredOf(model, users), uses: usesOf(users) }, utcNowMs());
      await applyOwnStatus(api, kinds.models, model, status, { fieldManager: manager, signal });
      return undefined;
    },
  };
}

const usesOf = (pools: readonly StagePool[]): readonly ModelUse[] =>
  pools
    .map(({ metadata, spec }) => ({ pool: metadata.name, acceleratorClass: spec.acceleratorClass, image: spec.template.image }))
    .sort((a, b) => (a.pool < b.pool ? -1 : 1));

/** Replicas come in crowds, and sites report every few seconds. */
const gatherMs = 500;
const reportGatherMs = 2000;

/** @returns what ends it */
export function triggerModels(
  { models, pools, fleets, kept, reports }: Pick<ModelDeps, "models" | "pools" | "fleets" | "kept" | "reports">,
  queue: WorkQueue,
): () => void {
  const wake = (pool: StagePool) => {
    for (const model of modelsOfPool(pool)) queue.addAfter(model, gatherMs);
  };
  const ends = [
    models.on(({ object }) => queue.add(objectKey(object))),
    pools.on(({ type, object, old }) => {
      if (type !== "changed" || old?.metadata.generation !== object.metadata.generation) wake(object);
    }),
    fleets.onPoolChange((name) => {
      for (const pool of pools.list()) if (pool.metadata.name === name) wake(pool);
    }),
    kept.onChange(() => {
      for (const pool of pools.list()) wake(pool);
    }),
    reports.onChange(() => {
      for (const model of models.list())
        if (reports.profilesOf(model.metadata.name).length > 0) queue.addAfter(objectKey(model), reportGatherMs);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
