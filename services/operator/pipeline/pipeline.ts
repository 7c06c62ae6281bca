import { fieldManager, kinds, type Model, type Pipeline, type Site, type StagePool } from "@troupe/kinds";
import {
  applyOwnStatus,
  type Controller,
  conditionOf,
  type Informer,
  type KubeApi,
  objectKey,
  refOf,
  type WorkQueue,
} from "../kube/index.ts";
import { pipelineStatus } from "./pipeline-status.ts";

export interface PipelineDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  /** Indexed by "model" ({@link modelsOf}) and "site" ({@link sitesOf}). */
  readonly pipelines: Informer<Pipeline>;
  readonly models: Informer<Model>;
  readonly sites: Informer<Site>;
  readonly pools: Informer<StagePool>;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

/** Names of the models that a pipeline names, and of those that serve it. */
export const modelsOf = ({ spec, status }: Pipeline): readonly string[] => [
  ...new Set([
    ...spec.stages.flatMap(({ models }) => models.map(({ model }) => model)),
    ...(status?.resolved ?? []).flatMap(({ models }) => models.map(({ name }) => name)),
  ]),
];
export const sitesOf = ({ spec }: Pipeline): readonly string[] => spec.sites;

/** Owns Resolved, Ready, RolledBack, `resolved` and `previous` of each Pipeline. */
export function createPipelineController({ api, pipelines, models, sites, pools, utcNowMs }: PipelineDeps): Controller {
  const manager = fieldManager("pipeline");
  return {
    name: "pipeline",
    concurrency: 4,
    async reconcile(key, signal) {
      const pipeline = pipelines.get(refOf(key));
      if (!pipeline) return undefined;
      const names = { model: (name: string) => models.get({ name }), site: (name: string) => sites.get({ name }) };
      const status = pipelineStatus({ pipeline, ...names, pools: pools.list() }, utcNowMs());
      await applyOwnStatus(api, kinds.pipelines, pipeline, status, { fieldManager: manager, signal });
      return undefined;
    },
  };
}

/** @returns what ends it */
export function triggerPipelines(
  { pipelines, models, sites, pools }: Omit<PipelineDeps, "api" | "utcNowMs">,
  queue: WorkQueue,
): () => void {
  const add = (some: readonly Pipeline[]) => {
    for (const one of some) queue.add(objectKey(one));
  };
  const ends = [
    pipelines.on(({ object }) => add([object])),
    models.on(({ object }) => add(pipelines.byIndex("model", object.metadata.name))),
    sites.on(({ type, object }) => type !== "changed" && add(pipelines.byIndex("site", object.metadata.name))),
    pools.on(({ object, old }) => {
      if (old && servesOf(old) === servesOf(object)) return;
      for (const { models: names } of object.spec.members) {
        if (names.length === 0) add(pipelines.list());
        for (const name of names) add(pipelines.byIndex("model", name));
      }
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What of a pool matters: whether it admits sessions, and whether it crashes. */
const servesOf = (pool: StagePool) => `${(pool.status?.admittingReplicas ?? 0) > 0} ${conditionOf(pool, "Healthy")?.status}`;
