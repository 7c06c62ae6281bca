import type { Bus, KeyValueEntry } from "@troupe/bus";
import { isServiceError } from "@troupe/errors";
import type { AcceleratorClass, Model, Pipeline, Site, StagePool, Tenant } from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import type { Fleet } from "../fleet/index.ts";
import { createRoutesController, type RoutedPipeline, routedPipeline, triggerRoutes } from "../fleet/routes/index.ts";
import type { Controller, Informer, KubeApi, Node, WorkQueue } from "../kube/index.ts";
import { noSiteReports, type SiteReports } from "../site/index.ts";
import { createAllotmentStore } from "./allotment/allotment-store.ts";
import { buckets, openBucket } from "./buckets.ts";
import { mayRunAt } from "./hub/plan-content.ts";
import { createRemotePoolController, triggerRemotePools } from "./hub/remote-pool.ts";
import { createHubReports } from "./hub/reports.ts";
import { createSitePlansController, triggerSitePlans } from "./hub/site-plans.ts";
import { createHubLink } from "./site/hub-link.ts";
import { createPlanFollower, triggerPlanFollower } from "./site/plan-follower.ts";
import { readPlan } from "./site-plan.ts";

export interface SiteRolesDeps {
  readonly bus: Bus;
  /** Of the sites in this cluster. */
  readonly fleets: { of(site: string): Pick<Fleet, "connected" | "demand"> | undefined };
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
  readonly informers: {
    readonly sites: Informer<Site>;
    readonly nodes: Informer<Node>;
    readonly classes: Informer<AcceleratorClass>;
    readonly pools: Informer<StagePool>;
    readonly models: Informer<Model>;
    readonly pipelines: Informer<Pipeline>;
    readonly tenants: Informer<Tenant>;
  };
}

export interface SiteRolesOptions {
  /** hub and both plan for sites; site follows a hub's plan. */
  readonly role: "hub" | "site" | "both";
  /** The site that this operator is in. */
  readonly site: string;
  /** That of the platform. */
  readonly namespace: string;
  /** JetStream domain of the hub, for the role site; empty: that of the server connected to. */
  readonly hubDomain: string;
  /** Pipeline of sessions that name none, as `namespace/name`. */
  readonly defaultPipeline: string;
}

export interface SiteLoop {
  readonly controller: Controller;
  readonly trigger: (queue: WorkQueue) => () => void;
}

/** What an operator does for sites, over all its terms. */
export interface SiteRoles extends Disposable {
  /** What the hub has heard; of a site: nothing. */
  readonly reports: SiteReports;
  /** Control loops of a term. @param api of the term */
  loops(api: KubeApi): readonly SiteLoop[];
}

/** @throws ServiceError STORE_UNAVAILABLE where the NATS server keeps nothing; a cluster that is all there is goes on without */
export async function startSiteRoles(deps: SiteRolesDeps, options: SiteRolesOptions): Promise<SiteRoles> {
  try {
    return await (options.role === "site" ? startSiteRole(deps, options) : startHubRole(deps, options));
  } catch (thrown) {
    if (options.role !== "both" || !isServiceError(thrown, "STORE_UNAVAILABLE")) throw thrown;
    deps.logger.warn({ reason: thrown.reason }, "NATS keeps nothing: no plans for sites, and no limits of tenants over all gateways");
    return { reports: noSiteReports, loops: () => [], [Symbol.dispose]: () => undefined };
  }
}

const demandOf = (fleets: SiteRolesDeps["fleets"]) => (site: string) => {
  const fleet = fleets.of(site);
  return fleet?.connected ? fleet.demand() : undefined;
};

async function startHubRole({ bus, fleets, logger, utcNowMs, informers }: SiteRolesDeps, options: SiteRolesOptions): Promise<SiteRoles> {
  const plans = await openBucket(bus, buckets.plans);
  const allotments = await createAllotmentStore(await openBucket(bus, buckets.allotments));
  const reports = await createHubReports({ bus, logger, utcNowMs });
  const shared = { ...informers, reports, plans, allotments, demand: demandOf(fleets), logger, utcNowMs };
  const { sites, pools, pipelines } = informers;
  const local = () => sites.list().filter(({ spec }) => spec.cluster === "");
  const routing = {
    pools,
    store: await openBucket(bus, buckets.routes),
    sites: () => local().map(({ metadata }) => metadata.name),
    pipelines: async (name: string) => {
      const site = local().find(({ metadata }) => metadata.name === name);
      return site && pipelines.list().flatMap((pipeline) => (mayRunAt(pipeline, site) ? [routedPipeline(pipeline)] : []));
    },
  };
  return {
    reports,
    loops: (api) => [
      { controller: createRoutesController(routing, options), trigger: (queue) => triggerRoutes([pools, pipelines, sites], queue) },
      { controller: createSitePlansController(shared, options.defaultPipeline), trigger: (queue) => triggerSitePlans(shared, queue) },
      { controller: createRemotePoolController({ ...shared, api }), trigger: (queue) => triggerRemotePools(shared, queue) },
    ],
    [Symbol.dispose]() {
      reports[Symbol.dispose]();
      allotments[Symbol.dispose]();
    },
  };
}

async function startSiteRole({ bus, fleets, logger, informers }: SiteRolesDeps, options: SiteRolesOptions): Promise<SiteRoles> {
  const kept = await openBucket(bus, buckets.kept);
  const allotments = await createAllotmentStore(await openBucket(bus, buckets.allotments));
  const link = createHubLink({ bus, logger }, options);
  const demand = demandOf(fleets);
  const shared = { ...informers, link, kept, allotments, demand: () => demand(options.site), logger };
  const { pools } = informers;
  const routing = {
    pools,
    store: await openBucket(bus, buckets.routes),
    sites: () => [options.site],
    pipelines: async () => routedPipelines(await kept.get(options.site)),
  };
  return {
    reports: noSiteReports,
    loops: (api) => [
      { controller: createRoutesController(routing, options), trigger: (queue) => triggerRoutes([pools], queue) },
      { controller: link, trigger: (queue) => link.trigger(queue) },
      { controller: createPlanFollower({ ...shared, api }, options), trigger: (queue) => triggerPlanFollower(shared, queue) },
    ],
    [Symbol.dispose]() {
      link[Symbol.dispose]();
      allotments[Symbol.dispose]();
    },
  };
}

/** Those of the plan that the site runs, whether the hub can be reached or not. */
function routedPipelines(kept: KeyValueEntry | undefined): readonly RoutedPipeline[] | undefined {
  const plan = kept && readPlan(kept.value);
  return plan?.pipelines.map(({ name, stages }) => ({ name, stages: stages.filter(({ endpoint }) => endpoint === "") }));
}
