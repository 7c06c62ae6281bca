import { fieldManager, kinds, type ModelProfile, type Site } from "@troupe/kinds";
import { isSelected } from "../inventory/index.ts";
import {
  applyOwnStatus,
  type Controller,
  type Informer,
  type KubeApi,
  type Node,
  objectKey,
  refOf,
  type WorkQueue,
} from "../kube/index.ts";
import { nextLookMs, type SiteReport, siteStatus } from "./site-status.ts";

/** What sites report to the hub, and what was planned for them. */
export interface SiteReports {
  reportOf(site: string): SiteReport | undefined;
  planGenerationOf(site: string): number | undefined;
  /** What replicas of a Model have measured at the sites. */
  profilesOf(model: string): readonly ModelProfile[];
  /** @returns what ends it */
  onChange(handler: (site: string) => void): () => void;
}

/** A cluster that is all there is. */
export const noSiteReports: SiteReports = {
  reportOf: () => undefined,
  planGenerationOf: () => undefined,
  profilesOf: () => [],
  onChange: () => () => undefined,
};

export interface SiteDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  readonly sites: Informer<Site>;
  readonly nodes: Informer<Node>;
  readonly reports: Pick<SiteReports, "reportOf" | "planGenerationOf" | "onChange">;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

const gatherMs = 200;

/** Owns Connected, PlanApplied, Lost and the counts of each Site. */
export function createSiteController({ api, sites, nodes, reports, utcNowMs }: SiteDeps): Controller {
  const manager = fieldManager("site");
  return {
    name: "site",
    async reconcile(key, signal) {
      const site = sites.get(refOf(key));
      if (!site) return undefined;
      const report = reports.reportOf(key);
      const here = site.spec.cluster === "";
      const count = here ? nodes.list().filter((node) => isIn(node, site)).length : (report?.nodes ?? site.status?.nodes ?? 0);
      const sighting = {
        site,
        nodes: count,
        report,
        planGeneration: reports.planGenerationOf(key) ?? site.status?.planGeneration,
        utcNowMs: utcNowMs(),
      };
      await applyOwnStatus(api, kinds.sites, site, { ...siteStatus(sighting) }, { fieldManager: manager, signal });
      const requeueAfterMs = nextLookMs(sighting);
      return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
    },
  };
}

const isIn = ({ metadata }: Node, { spec }: Site) => isSelected(metadata.labels, spec.nodeSelector);

/** @returns what ends it */
export function triggerSites({ sites, nodes, reports }: Pick<SiteDeps, "sites" | "nodes" | "reports">, queue: WorkQueue): () => void {
  const ends = [
    sites.on(({ object }) => queue.add(objectKey(object))),
    nodes.on(({ type, object, old }) => {
      if (type === "changed" && JSON.stringify(old?.metadata.labels) === JSON.stringify(object.metadata.labels)) return;
      for (const site of sites.list()) if (site.spec.cluster === "") queue.addAfter(objectKey(site), gatherMs);
    }),
    reports.onChange((site) => queue.add(site)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
