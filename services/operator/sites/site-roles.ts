import type { Bus } from "@troupe/bus";
import { isServiceError } from "@troupe/errors";
import type { AcceleratorClass, Model, Pipeline, Site, StagePool, Tenant } from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import type { Fleet } from "../fleet/index.ts";
import type { Controller, Informer, KubeApi, Node, WorkQueue } from "../kube/index.ts";
import { noSiteReports, type SiteReports } from "../site/index.ts";
import { createAllotmentStore } from "./allotment/allotment-store.ts";
import { buckets, openBucket } from "./buckets.ts";
import { createRemotePoolController, triggerRemotePools } from "./hub/remote-pool.ts";
import { createHubReports } from "./hub/reports.ts";
import { createSitePlansController, triggerSitePlans } from "./hub/site-plans.ts";
import { createHubLink } from "./site/hub-link.ts";
import { createPlanFollower, triggerPlanFollower } from "./site/plan-follower.ts";

export interface SiteRolesDeps {
  readonly bus: Bus;
  readonly fleet: Pick<Fleet, "connected" | "demand">;
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

const demandOf = (fleet: SiteRolesDeps["fleet"]) => () => (fleet.connected ? fleet.demand() : undefined);

async function startHubRole({ bus, fleet, logger, utcNowMs, informers }: SiteRolesDeps, options: SiteRolesOptions): Promise<SiteRoles> {
  const plans = await openBucket(bus, buckets.plans);
  const allotments = await createAllotmentStore(await openBucket(bus, buckets.allotments));
  const reports = await createHubReports({ bus, logger, utcNowMs });
  const shared = { ...informers, reports, plans, allotments, demand: demandOf(fleet), logger, utcNowMs };
  return {
    reports,
    loops: (api) => [
      { controller: createSitePlansController(shared, options), trigger: (queue) => triggerSitePlans(shared, queue) },
      { controller: createRemotePoolController({ ...shared, api }), trigger: (queue) => triggerRemotePools(shared, queue) },
    ],
    [Symbol.dispose]() {
      reports[Symbol.dispose]();
      allotments[Symbol.dispose]();
    },
  };
}

async function startSiteRole({ bus, fleet, logger, informers }: SiteRolesDeps, options: SiteRolesOptions): Promise<SiteRoles> {
  const kept = await openBucket(bus, buckets.kept);
  const allotments = await createAllotmentStore(await openBucket(bus, buckets.allotments));
  const link = createHubLink({ bus, logger }, options);
  const shared = { ...informers, link, kept, allotments, demand: demandOf(fleet), logger };
  return {
    reports: noSiteReports,
    loops: (api) => [
      { controller: link, trigger: (queue) => link.trigger(queue) },
      { controller: createPlanFollower({ ...shared, api }, options), trigger: (queue) => triggerPlanFollower(shared, queue) },
    ],
    [Symbol.dispose]() {
      link[Symbol.dispose]();
      allotments[Symbol.dispose]();
    },
  };
}
