import type { AcceleratorClass, Model, Pipeline, Site, StagePool, StagePoolTemplate, Tenant } from "@troupe/kinds";
import { classView } from "../accelerator-class/class-view.ts";
import { sessionsByPipeline } from "../autoscale/index.ts";
import { type Inventory, mebibytes, millicores, type ResourceSliceView, type Toleration, takeInventory } from "../inventory/index.ts";
import { conditionOf, type Node, objectKey, type Pod, type ResourceSlice } from "../kube/index.ts";
import type {
  Exclusion,
  Plan,
  PlanDemand,
  PlanInput,
  PlanModel,
  PlanOptions,
  PlanPipeline,
  PlanSite,
  Profile,
  StageTemplate,
} from "../plan/index.ts";
import type { ReplicaLoad, SiteDemand } from "./demand-source.ts";
import { shareOf } from "./domain-share.ts";
import { foreignUse } from "./foreign-use.ts";
import { observedPools } from "./observed-pools.ts";

/** Everything that is known of the cluster at one moment. */
export interface ClusterSnapshot {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly slices: readonly ResourceSlice[];
  readonly classes: readonly AcceleratorClass[];
  readonly sites: readonly Site[];
  readonly models: readonly Model[];
  readonly pipelines: readonly Pipeline[];
  readonly tenants: readonly Tenant[];
  readonly pools: readonly StagePool[];
  readonly podsOf: (pool: StagePool) => readonly Pod[];
  readonly demand: readonly SiteDemand[];
  readonly replicas: readonly ReplicaLoad[];
  readonly exclusions: readonly Exclusion[];
  readonly previous: Plan | undefined;
  readonly nowMs: number;
}

/** Templates of pools, by the stage that comes first in them. */
export type PoolTemplates = Readonly<Record<string, StagePoolTemplate>>;

export interface PlannerSettings {
  readonly templates: PoolTemplates;
  readonly options: PlanOptions;
  /** `namespace/name` that demand without a pipeline is for. */
  readonly defaultPipeline: string;
}

export function planInputOf(seen: ClusterSnapshot, { templates, options, defaultPipeline }: PlannerSettings): PlanInput {
  const tenants = seen.tenants.map(({ metadata, spec }) => ({ name: metadata.name, residency: spec.residency, quotas: spec.quotas }));
  return {
    nowMs: seen.nowMs,
    inventory: inventoryOf(seen, templates),
    sites: seen.sites.map(siteOf),
    classes: seen.classes.map(({ metadata, spec }) => ({ name: metadata.name, ...spec })),
    models: seen.models.map(modelOf),
    pipelines: seen.pipelines.flatMap(pipelineOf),
    tenants,
    demand: demandOf(seen.demand, tenants, defaultPipeline),
    profiles: [...seen.models.flatMap(profilesOf), ...announcedProfiles(seen, templates)],
    pools: observedPools(seen.pools, seen.podsOf),
    exclusions: seen.exclusions,
    ...(seen.previous && { previous: seen.previous }),
    templates: Object.fromEntries(Object.entries(templates).map(([stage, template]) => [stage, stageTemplate(template)])),
    options,
  };
}

/** This cluster's machines; those of other clusters come with their sites' reports. */
function inventoryOf(seen: ClusterSnapshot, templates: PoolTemplates): Inventory {
  const tolerations: Toleration[] = Object.values(templates).flatMap((template) => template.tolerations);
  return takeInventory({
    nodes: seen.nodes,
    resourceSlices: seen.slices as unknown as readonly ResourceSliceView[],
    classes: seen.classes.map(classView),
    sites: seen.sites
      .filter(({ spec }) => spec.cluster === "")
      .map(({ metadata, spec }) => ({ name: metadata.name, nodeSelector: spec.nodeSelector })),
    foreign: foreignUse(seen.pods),
    tolerations,
  });
}

/** Cut is not lost: a site that doesn't report keeps what it has. Lost is what a person says. */
function siteOf(site: Site): PlanSite {
  const { residency, roundTrips, priceFactorPercent, lost, paused } = site.spec;
  const cut = conditionOf(site, "Connected")?.status === "False";
  const state = lost ? "lost" : paused ? "paused" : cut ? "cut" : "open";
  return { name: site.metadata.name, residency, roundTrips, priceFactorPercent, state };
}

const modelOf = (model: Model): PlanModel => ({
  name: model.metadata.name,
  stage: model.spec.stage,
  verified: conditionOf(model, "Verified")?.status === "True",
  needs: model.spec.needs.map((need) => ({ ...need, share: shareOf(need.share) })),
});

/** What its controller resolved it to; one that never was resolved can't be placed. */
function pipelineOf(pipeline: Pipeline): PlanPipeline[] {
  const { spec, status } = pipeline;
  if (!status?.resolved) return [];
  const resolved = new Map(status.resolved.map(({ stage, models }) => [stage, models.map(({ name }) => name)]));
  const stages = spec.stages
    .filter(({ endpoint }) => !endpoint)
    .map(({ stage, backend, models }) => ({
      stage,
      ...(backend !== undefined && { backend }),
      models: [...(resolved.get(stage) ?? models.map(({ model }) => model))].sort(),
    }));
  const { roundTripLimitMilliseconds: roundTripLimitMs, residency, sites } = spec;
  return [{ name: objectKey(pipeline), stages, roundTripLimitMs, residency, ...(sites.length > 0 && { sites }) }];
}

/**
 * Sessions that gateways count for no tenant are attributed to those that have a quota for the pipeline, in proportion to its limit, so
 * that each part is planned where its tenant may run.
 */
function demandOf(demand: readonly SiteDemand[], tenants: PlanInput["tenants"], defaultPipeline: string): PlanDemand[] {
  const groups = Map.groupBy(demand, ({ site, tenant = "" }) => JSON.stringify([site, tenant]));
  return [...groups].flatMap(([key, counts]) => {
    const [site, tenant] = JSON.parse(key) as [string, string];
    return [...sessionsByPipeline(counts)].flatMap(([named, sessions]) => {
      const pipeline = named || defaultPipeline;
      if (tenant !== "") return sessions > 0 ? [{ pipeline, tenant, site, sessions }] : [];
      const holders = tenants.flatMap(({ name, quotas }) =>
        quotas.filter((quota) => quota.pipeline === pipeline && quota.limit > 0).map(({ limit }) => ({ tenant: name, limit })),
      );
      if (holders.length === 0) return sessions > 0 ? [{ pipeline, tenant: "", site, sessions }] : [];
      return divide(sessions, holders).map(({ tenant: holder, part }) => ({ pipeline, tenant: holder, site, sessions: part }));
    });
  });
}

function divide(sessions: number, holders: readonly { tenant: string; limit: number }[]): { tenant: string; part: number }[] {
  let weight = holders.reduce((sum, { limit }) => sum + limit, 0);
  let left = sessions;
  return holders
    .map(({ tenant, limit }) => {
      const part = Math.round((left * limit) / weight);
      left -= part;
      weight -= limit;
      return { tenant, part };
    })
    .filter(({ part }) => part > 0);
}

const profilesOf = ({ metadata, status }: Model): Profile[] =>
  (status?.profile ?? []).map(({ acceleratorClass, image, sessions }) => ({ model: metadata.name, acceleratorClass, image, sessions }));

/** What replicas have announced that no status holds yet. */
function announcedProfiles({ pools, replicas }: ClusterSnapshot, templates: PoolTemplates): Profile[] {
  const byName = new Map(pools.map((pool) => [pool.metadata.name, pool]));
  return replicas.flatMap(({ pool: name, stage, capacity }) => {
    const pool = byName.get(name);
    const member = pool?.spec.members.find((one) => one.stage === stage);
    if (!pool || !member || capacity < 1) return [];
    const { acceleratorClass, share } = pool.spec;
    // Of the image that runs; a template that has changed since makes it count no more.
    const image = pool.spec.template.image === templates[stage]?.image ? pool.spec.template.image : "";
    return member.models.map((model) => ({ model, acceleratorClass, image, share: shareOf(share), sessions: capacity }));
  });
}

function stageTemplate({ image, resources }: StagePoolTemplate): StageTemplate {
  const { requests } = resources;
  return { image, hostMillicores: millicores(requests["cpu"]), hostMemoryMebibytes: mebibytes(requests["memory"]) };
}
