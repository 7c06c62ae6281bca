import type { Tier } from "./plan.ts";
import type { PlanDemand, PlanInput, PlanPipeline, PlanTenant } from "./plan-input.ts";
import { type RoundTrip, type SiteBar, siteBar } from "./sites.ts";
import type { Unit, Units } from "./units.ts";

/** Sessions that are alike: same pipeline, same gateway site, same places where they may run. */
export interface Request {
  readonly key: string;
  readonly pipeline: PlanPipeline;
  readonly units: readonly Unit[];
  readonly tenants: readonly string[];
  readonly origin: string | undefined;
  readonly tier: Tier;
  readonly sessions: number;
  /** Of the tenants together. */
  readonly weight: number;
  /** Names of the sites that may serve it, in the order of the input. */
  readonly sites: readonly string[];
  readonly bars: ReadonlyMap<string, SiteBar>;
}

export interface Refused {
  readonly demand: PlanDemand;
  readonly reason: string;
  readonly message: string;
}

/** What is asked for, in no particular order, and what is refused before anything is placed. */
export interface Requests {
  readonly requests: readonly Request[];
  readonly refused: readonly Refused[];
}

export function readRequests(input: PlanInput, units: Units, roundTrip: RoundTrip): Requests {
  const pipelines = new Map(input.pipelines.map((pipeline) => [pipeline.name, pipeline]));
  const tenants = new Map(input.tenants.map((tenant) => [tenant.name, tenant]));
  const groups = new Map<string, Request>();
  const refused: Refused[] = [];
  const demanded = new Map<string, number>();
  const ask = (pipeline: PlanPipeline, asker: Asker, tier: Tier, sessions: number) => {
    if (sessions > 0) merge(groups, requestOf(input, pipeline, { ...asker, tier, sessions }, units, roundTrip));
  };
  for (const [key, demands] of Map.groupBy(input.demand, ({ pipeline, tenant }) => JSON.stringify([pipeline, tenant]))) {
    const [name, tenantName] = JSON.parse(key) as [string, string];
    const pipeline = pipelines.get(name);
    if (!pipeline) {
      for (const demand of demands)
        refused.push({ demand, reason: "PipelineUnknown", message: `there is no Pipeline ${name} that is resolved` });
      continue;
    }
    const tenant = tenants.get(tenantName);
    const quota = quotaOf(tenant, name);
    const parts = splitByQuota(demands, quota);
    demanded.set(key, sum(demands.map(({ sessions }) => sessions)));
    for (const { demand, guaranteed, rest, over } of parts) {
      const asker = { tenant: tenantName, residency: tenant?.residency ?? [], origin: demand.site, weight: quota.weight };
      ask(pipeline, asker, "guaranteed", guaranteed);
      ask(pipeline, asker, "demand", rest);
      ask(pipeline, asker, "headroom", Math.ceil(((guaranteed + rest) * input.options.headroomPercent) / 100));
      if (over > 0) {
        const message = `${over} sessions are over the limit of ${quota.limit} that tenant ${tenantName} has for ${name}`;
        refused.push({ demand: { ...demand, sessions: over }, reason: "OverLimit", message });
      }
    }
  }
  for (const tenant of input.tenants) {
    for (const { pipeline: name, guaranteed, weight } of tenant.quotas) {
      const pipeline = pipelines.get(name);
      const inUse = demanded.get(JSON.stringify([name, tenant.name])) ?? 0;
      const asker = { tenant: tenant.name, residency: tenant.residency, origin: undefined, weight };
      if (pipeline) ask(pipeline, asker, "guaranteed", guaranteed - inUse);
    }
  }
  return { requests: [...groups.values()], refused };
}

interface Asker {
  readonly tenant: string;
  readonly residency: readonly string[];
  readonly origin: string | undefined;
  readonly weight: number;
}

type Quota = PlanTenant["quotas"][number];

/** A tenant has no sessions of a pipeline that it has no quota for; demand of a tenant that there is no object of is not limited here. */
const quotaOf = (tenant: PlanTenant | undefined, pipeline: string): Quota =>
  tenant?.quotas.find((one) => one.pipeline === pipeline) ?? {
    pipeline,
    guaranteed: 0,
    limit: tenant ? 0 : Number.POSITIVE_INFINITY,
    weight: 1,
  };

interface Part {
  readonly demand: PlanDemand;
  readonly guaranteed: number;
  readonly rest: number;
  readonly over: number;
}

/** The guarantee goes to the sites in proportion to their demand, the limit likewise; what rounding leaves goes to the first by name. */
function splitByQuota(demands: readonly PlanDemand[], { guaranteed, limit }: Quota): Part[] {
  const sorted = [...demands].sort((a, b) => (a.site < b.site ? -1 : 1));
  const total = sum(sorted.map(({ sessions }) => sessions));
  const within = split(sorted, Math.min(limit, total), total);
  const certain = split(sorted, Math.min(guaranteed, limit, total), total);
  return sorted.map((demand, at) => {
    const allowed = within[at] ?? 0;
    const first = Math.min(certain[at] ?? 0, allowed);
    return { demand, guaranteed: first, rest: allowed - first, over: demand.sessions - allowed };
  });
}

function split(demands: readonly PlanDemand[], amount: number, total: number): number[] {
  if (amount >= total) return demands.map(({ sessions }) => sessions);
  const parts = demands.map(({ sessions }) => Math.floor((amount * sessions) / total));
  let left = amount - sum(parts);
  return parts.map((part, at) => {
    const more = Math.min(left, (demands[at]?.sessions ?? 0) - part);
    left -= more;
    return part + more;
  });
}

function requestOf(
  input: PlanInput,
  pipeline: PlanPipeline,
  asked: Asker & { readonly tier: Tier; readonly sessions: number },
  units: Units,
  roundTrip: RoundTrip,
): Request {
  const asker = { pipeline, tenantResidency: asked.residency, origin: asked.origin };
  const bars = new Map(input.sites.map((site) => [site.name, siteBar(site, asker, roundTrip)]));
  const sites = input.sites.filter((site) => !bars.get(site.name)).map(({ name }) => name);
  const key = [asked.tier, pipeline.name, asked.origin ?? "", sites.length > 0 ? sites.join(",") : `none:${asked.tenant}`].join("|");
  const { tier, sessions, origin, weight, tenant } = asked;
  return { key, pipeline, units: pipeline.stages.map(units), tenants: [tenant], origin, tier, sessions, weight, sites, bars };
}

function merge(groups: Map<string, Request>, request: Request): void {
  const same = groups.get(request.key);
  if (!same) return void groups.set(request.key, request);
  const tenants = [...new Set([...same.tenants, ...request.tenants])].sort();
  groups.set(request.key, { ...same, tenants, sessions: same.sessions + request.sessions, weight: same.weight + request.weight });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
