import type { Share } from "../inventory/index.ts";
import type { PlanInput, PlanPipeline, PlanSite } from "./plan-input.ts";

/** Round trip between two sites in ms: the longer of both directions, 0 within a site, Infinity if nobody measured it. */
export type RoundTrip = (a: string, b: string) => number;

export function createRoundTrips(sites: readonly PlanSite[]): RoundTrip {
  const measured = new Map<string, number>();
  for (const site of sites) {
    for (const { site: other, milliseconds } of site.roundTrips) {
      for (const key of [`${site.name}>${other}`, `${other}>${site.name}`])
        measured.set(key, Math.max(milliseconds, measured.get(key) ?? 0));
    }
  }
  return (a, b) => (a === b ? 0 : (measured.get(`${a}>${b}`) ?? Number.POSITIVE_INFINITY));
}

/** One region must be in all lists that name any: that of the pipeline, that of the tenant, and that of the site. */
export function residencyAllows(pipeline: readonly string[], tenant: readonly string[], site: readonly string[]): boolean {
  if (pipeline.length === 0 && tenant.length === 0) return true;
  return site.some((region) => (pipeline.length === 0 || pipeline.includes(region)) && (tenant.length === 0 || tenant.includes(region)));
}

/** Why a site can't serve a request, whatever it has. */
export type SiteBar = "SiteLost" | "SiteNotNamed" | "Residency" | "RoundTrip" | undefined;

interface Asker {
  readonly pipeline: PlanPipeline;
  readonly tenantResidency: readonly string[];
  /** Site of the gateway. */
  readonly origin: string | undefined;
}

export function siteBar(site: PlanSite, asker: Asker, roundTrip: RoundTrip): SiteBar {
  const { pipeline, tenantResidency, origin } = asker;
  if (site.state === "lost") return "SiteLost";
  if (pipeline.sites && !pipeline.sites.includes(site.name)) return "SiteNotNamed";
  if (!residencyAllows(pipeline.residency, tenantResidency, site.residency)) return "Residency";
  if (origin !== undefined && roundTrip(origin, site.name) > pipeline.roundTripLimitMs) return "RoundTrip";
  return undefined;
}

/** Price of one pack on a share at a site, per hour. */
export type Price = (site: string, pack: { readonly acceleratorClass: string; readonly share: Share }) => number;

export function createPrices({ sites, classes }: Pick<PlanInput, "sites" | "classes">): Price {
  const factors = new Map(sites.map((site) => [site.name, site.priceFactorPercent / 100]));
  const byName = new Map(classes.map((one) => [one.name, one]));
  return (site, { acceleratorClass, share }) => {
    const found = byName.get(acceleratorClass);
    const device = (found?.pricePerHourMicros ?? 0) * (factors.get(site) ?? 1);
    if ("cpuMillicores" in share) return (device * share.cpuMillicores) / 1000;
    if (!("partition" in share)) return device;
    return device / Math.max(1, found?.partitions.find(({ name }) => name === share.partition)?.perDevice ?? 1);
  };
}
