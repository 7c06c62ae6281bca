import type { Tenant } from "@troupe/kinds";
import { Gauge, type Registry } from "prom-client";
import type { FleetView } from "./fleet.ts";

export interface TenantMetricsDeps {
  readonly fleets: { all(): ReadonlyMap<string, Pick<FleetView, "demand">> };
  readonly tenants: { get(ref: { readonly name: string }): Tenant | undefined };
  /** Pipeline of sessions that name none, as `namespace/name`. */
  readonly defaultPipeline: string;
}

interface Row {
  readonly labels: { readonly site: string; readonly tenant: string; readonly pipeline: string };
  readonly active: number;
  readonly refused: number;
}

/**
 * Tells of tenants that hold sessions, or are refused some, at the sites of this cluster, as gateways count them; read at each scrape.
 * Others have no series, so that ten thousand idle tenants cost nothing.
 */
export function addTenantMetrics(registry: Registry, deps: TenantMetricsDeps): void {
  const registers = [registry];
  const labelNames = ["site", "tenant", "pipeline"] as const;
  new Gauge({
    name: "troupe_operator_tenant_sessions",
    help: "Sessions of a tenant, by site and pipeline; only of tenants that hold some or are refused some.",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, active } of rowsOf(deps)) this.set(labels, active);
    },
  });
  new Gauge({
    name: "troupe_operator_tenant_refused",
    help: "Clients of a tenant that were refused and wait, since it may hold no more sessions, by site and pipeline.",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, refused } of rowsOf(deps)) this.set(labels, refused);
    },
  });
  new Gauge({
    name: "troupe_operator_tenant_limit",
    help: "Sessions that such a tenant may hold, over all sites, by pipeline.",
    labelNames: ["tenant", "pipeline"],
    registers,
    collect() {
      this.reset();
      for (const { labels } of rowsOf(deps)) {
        const { tenant, pipeline } = labels;
        const quota = deps.tenants.get({ name: tenant })?.spec.quotas.find((one) => one.pipeline === pipeline);
        if (quota) this.set({ tenant, pipeline }, quota.limit);
      }
    },
  });
}

/** Rows without a stage count whole sessions; those that name no pipeline are of the default one. */
function rowsOf({ fleets, defaultPipeline }: TenantMetricsDeps): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const [site, fleet] of fleets.all())
    for (const { stage, tenant, pipeline: named, active, refused } of fleet.demand()) {
      if (stage !== "" || tenant === "") continue;
      const pipeline = named || defaultPipeline;
      const key = JSON.stringify([site, tenant, pipeline]);
      const before = rows.get(key) ?? { active: 0, refused: 0 };
      rows.set(key, { labels: { site, tenant, pipeline }, active: before.active + active, refused: before.refused + refused });
    }
  return [...rows.values()];
}
