import { toBinary } from "@bufbuild/protobuf";
import type { KeyValueStore } from "@troupe/bus";
import { type SitePlan, SitePlanSchema, type StageDemand, type TenantAllotment } from "@troupe/contracts";
import type { Model, Pipeline, Site, StagePool, Tenant } from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import { type Controller, conditionOf, type Informer, refOf, type WorkQueue } from "../../kube/index.ts";
import { silentAfterMs } from "../../site/index.ts";
import type { AllotmentStore } from "../allotment/allotment-store.ts";
import { type AllotmentSite, allotTenants } from "../allotment/allotments.ts";
import { readPlan } from "../site-plan.ts";
import { nextPlan } from "./next-plan.ts";
import { planContent } from "./plan-content.ts";
import type { HubReports } from "./reports.ts";

export interface SitePlansDeps {
  readonly sites: Informer<Site>;
  readonly pools: Informer<StagePool>;
  readonly models: Informer<Model>;
  readonly pipelines: Informer<Pipeline>;
  readonly tenants: Informer<Tenant>;
  readonly reports: HubReports;
  /** The bucket "site-plans". */
  readonly plans: KeyValueStore;
  /** For gateways of this cluster's sites. */
  readonly allotments: AllotmentStore;
  /** What the gateways of a site in this cluster count; undefined: they cannot be heard. */
  readonly demand: (site: string) => readonly StageDemand[] | undefined;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

/** All sites are planned for at once: they share the limits of tenants. */
export const sitePlansKey = "sites";

const gatherMs = 500;
/** Each report wakes it, and with ten thousand tenants a look takes a third of a second. */
const reportGatherMs = 2000;
/** A site falls silent without an event, and demand changes without one. */
const lookAgainMs = silentAfterMs / 6;

interface Published {
  readonly plan: SitePlan | undefined;
  readonly revision: number | undefined;
}

const isHere = ({ spec }: Site): boolean => spec.cluster === "";
const isLost = (site: Site): boolean => site.spec.lost || conditionOf(site, "Lost")?.status === "True";

/**
 * Publishes what each site is to run, and how many sessions of whom it may hold, as one numbered plan a site. It is written by
 * compare-and-set, so that of two hubs one wins; whether and when a site takes it is the site's business.
 * @param defaultPipeline of sessions that name none, as `namespace/name`
 */
export function createSitePlansController(deps: SitePlansDeps, defaultPipeline: string): Controller {
  const { sites, pools, models, pipelines, tenants, reports, plans, allotments, logger, utcNowMs } = deps;
  /** The plans whose allotments the gateways of this cluster's sites can read. */
  const handed = new Map<string, number>();

  async function read(site: Site): Promise<Published> {
    const entry = await plans.get(site.metadata.name);
    return { plan: entry && readPlan(entry.value), revision: entry?.revision };
  }

  function allotmentSite(site: Site, { plan }: Published): AllotmentSite {
    const { name } = site.metadata;
    const report = reports.reportOf(name);
    const demand = demandOf(site);
    const silent = demand === undefined || (!isHere(site) && (!report || utcNowMs() - report.receivedMs >= silentAfterMs));
    const generation = isHere(site) ? handed.get(name) : report?.appliedGeneration;
    return {
      name,
      residency: site.spec.residency,
      state: isLost(site) ? "lost" : silent ? "silent" : "open",
      published: plan?.allotments ?? [],
      confirmed: plan === undefined || (generation ?? 0) >= plan.generation,
      demand: demand ?? [],
    };
  }

  function demandOf(site: Site): readonly StageDemand[] | undefined {
    const { name } = site.metadata;
    if (!isHere(site)) return reports.messageOf(name)?.demand ?? [];
    return deps.demand(name);
  }

  async function publish(site: Site, { plan: current, revision }: Published, own: readonly TenantAllotment[]): Promise<void> {
    const { name } = site.metadata;
    const sources = isHere(site) ? { pools: [], pipelines: [] } : { pools: pools.list(), pipelines: pipelines.list() };
    const wanted = planContent({ site, ...sources, model: (model) => models.get({ name: model }), allotments: own });
    const { plan, reason } = nextPlan({ site, wanted, current, report: reports.messageOf(name) });
    if (plan) {
      const bytes = toBinary(SitePlanSchema, plan);
      await (revision === undefined ? plans.create(name, bytes) : plans.update(name, bytes, revision));
      logger.info({ site: name, generation: plan.generation, reason, pools: plan.pools.length }, "a plan is published");
    }
    const newest = plan ?? current;
    if (!newest) return;
    reports.planned(name, newest.generation);
    if (!isHere(site) || handed.get(name) === newest.generation) return;
    await allotments.publish(name, newest.allotments);
    handed.set(name, newest.generation);
  }

  return {
    name: "site-plans",
    async reconcile() {
      const all = sites.list();
      const published = new Map(await Promise.all(all.map(async (site) => [site.metadata.name, await read(site)] as const)));
      const publishedOf = (site: Site) => published.get(site.metadata.name) ?? { plan: undefined, revision: undefined };
      const allotted = allotTenants({
        tenants: tenants.list(),
        pipeline: (name) => pipelines.get(refOf(name)),
        sites: all.map((site) => allotmentSite(site, publishedOf(site))),
        defaultPipeline,
      });
      const results = await Promise.allSettled(all.map((site) => publish(site, publishedOf(site), allotted.get(site.metadata.name) ?? [])));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
      return { requeueAfterMs: lookAgainMs };
    },
  };
}

/** @returns what ends it */
export function triggerSitePlans(deps: Omit<SitePlansDeps, "plans" | "allotments" | "demand" | "logger" | "utcNowMs">, queue: WorkQueue) {
  const wake = () => queue.addAfter(sitePlansKey, gatherMs);
  const { sites, pools, models, pipelines, tenants, reports } = deps;
  const onSpec = ({ object, old }: { readonly object: Generated; readonly old?: Generated }) => {
    if (object.metadata.generation === undefined || object.metadata.generation !== old?.metadata.generation) wake();
  };
  const ends = [
    sites.on(({ object, old }) => (old && isLost(old) === isLost(object) ? onSpec({ object, old }) : wake())),
    pools.on(onSpec),
    models.on(onSpec),
    pipelines.on(wake),
    tenants.on(onSpec),
    reports.onChange(() => queue.addAfter(sitePlansKey, reportGatherMs)),
  ];
  queue.add(sitePlansKey);
  return (): void => {
    for (const end of ends) end();
  };
}

interface Generated {
  readonly metadata: { readonly generation?: number };
}
