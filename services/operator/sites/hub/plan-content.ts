import { create, type JsonObject } from "@bufbuild/protobuf";
import { SiteModelSchema, type SitePipeline, SitePipelineSchema, SitePoolSchema, type TenantAllotment } from "@troupe/contracts";
import type { Model, Pipeline, Site, StagePool } from "@troupe/kinds";
import { objectKey } from "../../kube/index.ts";
import { namesSite } from "../../pipeline/index.ts";
import { residencyAllows } from "../../plan/sites.ts";
import type { PlanContent } from "../site-plan.ts";

export interface PlanSources {
  readonly site: Site;
  /** All pools of the hub's platform. */
  readonly pools: readonly StagePool[];
  readonly model: (name: string) => Model | undefined;
  readonly pipelines: readonly Pipeline[];
  readonly allotments: readonly TenantAllotment[];
}

/** What a site is to run, by the objects of the hub's cluster; lists are sorted by name. Pure. */
export function planContent({ site, pools, model, pipelines, allotments }: PlanSources): PlanContent {
  const own = pools.filter(({ spec, metadata }) => spec.site === site.metadata.name && metadata.deletionTimestamp === undefined);
  const models = new Set(own.flatMap(({ spec }) => spec.members.flatMap((member) => member.models)));
  return {
    site: site.metadata.name,
    pools: own.sort(byName).map(({ metadata, spec }) => create(SitePoolSchema, { name: metadata.name, spec: poolSpec(spec) })),
    models: [...models].sort().flatMap((name) => {
      const spec = model(name)?.spec;
      return spec ? [create(SiteModelSchema, { name, spec: json(spec) })] : [];
    }),
    pipelines: pipelines
      .filter((pipeline) => pipeline.status?.resolved && mayRunAt(pipeline, site))
      .map(sitePipeline)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    allotments: [...allotments],
  };
}

/**
 * The site's autoscaler writes replicas, and its records are its own. Whoever stops a pool there does so there; whoever stops it here
 * stops it everywhere.
 */
function poolSpec({ replicas: _, revisionHistoryLimit: __, paused, ...spec }: StagePool["spec"]): JsonObject {
  return json({ ...spec, ...(paused && { paused }) });
}

/** Whether a site may serve a pipeline. */
export function mayRunAt({ spec }: Pipeline, site: Site): boolean {
  return namesSite(spec, site.metadata.name) && residencyAllows(spec.residency, [], site.spec.residency);
}

function sitePipeline(pipeline: Pipeline): SitePipeline {
  const resolved = new Map(pipeline.status?.resolved?.map(({ stage, models }) => [stage, models.map(({ name }) => name)]));
  return create(SitePipelineSchema, {
    name: objectKey(pipeline),
    stages: pipeline.spec.stages.map(({ stage, backend = "", endpoint }) => ({
      stage,
      backend,
      models: resolved.get(stage) ?? [],
      endpoint: endpoint?.url ?? "",
    })),
  });
}

/** Objects of the API are JSON. */
const json = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

const byName = (a: StagePool, b: StagePool): number => (a.metadata.name < b.metadata.name ? -1 : 1);
