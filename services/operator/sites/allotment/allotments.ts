import { create } from "@bufbuild/protobuf";
import {
  type PipelineAllotment,
  PipelineAllotmentSchema,
  type StageDemand,
  type TenantAllotment,
  TenantAllotmentSchema,
} from "@troupe/contracts";
import type { Pipeline, Tenant } from "@troupe/kinds";
import { residencyAllows } from "../../plan/sites.ts";
import { type SiteSeats, splitGuarantee, splitSeats } from "./split-seats.ts";

/** A site as tenants' limits are split over it. */
export interface AllotmentSite {
  readonly name: string;
  readonly residency: readonly string[];
  /** lost: what it held is given to others. */
  readonly state: "open" | "silent" | "lost";
  /** By the newest plan made for it. */
  readonly published: readonly TenantAllotment[];
  /** It has said that it works by that plan. */
  readonly confirmed: boolean;
  readonly demand: readonly StageDemand[];
}

export interface AllotmentInput {
  readonly tenants: readonly Tenant[];
  /** By `namespace/name`. */
  readonly pipeline: (name: string) => Pipeline | undefined;
  readonly sites: readonly AllotmentSite[];
  /** Pipeline of sessions that name none, as `namespace/name`. */
  readonly defaultPipeline: string;
}

/**
 * What each site may serve of each tenant, sorted by tenant and pipeline. Pure: equal input gives equal output, and of a split that
 * nobody lacks anything in, the same again. Whoever is given nothing, and has nothing left to give up, is not listed.
 */
export function allotTenants({
  tenants,
  pipeline,
  sites,
  defaultPipeline,
}: AllotmentInput): ReadonlyMap<string, readonly TenantAllotment[]> {
  const books = [...sites].sort(byName).map((site) => readSite(site, defaultPipeline));
  const result = new Map<string, TenantAllotment[]>(books.map(({ site }) => [site.name, []]));
  const known = new Map(tenants.map((tenant) => [tenant.metadata.name, tenant]));
  const withdrawn = withdrawnQuotas(tenants, books);
  for (const name of [...new Set([...known.keys(), ...withdrawn.keys()])].sort()) {
    const { quotas = [], residency = [] } = known.get(name)?.spec ?? {};
    const found = new Map<string, PipelineAllotment[]>();
    for (const quota of [...quotas, ...(withdrawn.get(name) ?? [])].sort((a, b) => (a.pipeline < b.pipeline ? -1 : 1))) {
      const regions = pipeline(quota.pipeline)?.spec.residency ?? [];
      const mayServe = (site: AllotmentSite) => residencyAllows(regions, residency, site.residency);
      for (const { site, allotment } of allotQuota(name, quota, books, mayServe))
        if (allotment.limit > 0 || allotment.most > 0) push(found, site, allotment);
    }
    for (const [site, pipelines] of found) push(result, site, create(TenantAllotmentSchema, { tenant: name, pipelines }));
  }
  return result;
}

type Quota = Tenant["spec"]["quotas"][number] & {
  /** No tenant has it any more: even a silent site is to have nothing of it. */
  readonly withdrawn?: boolean;
};

/** Those that plans still name: sites may work by them until they have read that they are withdrawn. */
function withdrawnQuotas(tenants: readonly Tenant[], books: readonly SiteBook[]): ReadonlyMap<string, readonly Quota[]> {
  const seen = new Set(tenants.flatMap(({ metadata, spec }) => spec.quotas.map((quota) => keyOf(metadata.name, quota.pipeline))));
  const withdrawn = new Map<string, Quota[]>();
  for (const { published } of books)
    for (const [key, { pipeline, weight }] of published) {
      if (seen.has(key)) continue;
      seen.add(key);
      push(withdrawn, tenantOf(key), { pipeline, guaranteed: 0, limit: 0, weight, withdrawn: true });
    }
  return withdrawn;
}

function allotQuota(
  tenant: string,
  { pipeline, guaranteed, limit, weight, withdrawn }: Quota,
  books: readonly SiteBook[],
  mayServe: (site: AllotmentSite) => boolean,
) {
  const key = keyOf(tenant, pipeline);
  const seats = books.map((book): SiteSeats => {
    const one = seatsOf(book, key, mayServe(book.site));
    return withdrawn ? { ...one, state: "closed" } : one;
  });
  const parts = splitSeats(limit, seats);
  const before = books.map(({ published }) => published.get(key));
  const kept = before.map((one) => one?.guaranteed ?? 0);
  const stands = before.every((one, at) => (one?.limit ?? 0) === parts[at]) && total(kept) === Math.min(guaranteed, total(parts));
  const guarantees = stands ? kept : splitGuarantee(guaranteed, seats, parts, kept);
  return books.map(({ site }, at) => {
    const known = before[at];
    const part = parts[at] ?? 0;
    // What the plan before allows, the site may work by until it has read this one; what it has confirmed to have replaced, no more.
    const most = Math.max(part, seats[at]?.held ?? 0);
    if (known && known.limit === part && known.guaranteed === guarantees[at] && known.weight === weight && known.most === most)
      return { site: site.name, allotment: known };
    return {
      site: site.name,
      allotment: create(PipelineAllotmentSchema, { pipeline, limit: part, guaranteed: guarantees[at] ?? 0, weight, most }),
    };
  });
}

interface SiteBook {
  readonly site: AllotmentSite;
  readonly published: ReadonlyMap<string, PipelineAllotment>;
  readonly demand: ReadonlyMap<string, { active: number; demand: number }>;
}

function readSite(site: AllotmentSite, defaultPipeline: string): SiteBook {
  const published = new Map<string, PipelineAllotment>();
  for (const { tenant, pipelines } of site.published) for (const one of pipelines) published.set(keyOf(tenant, one.pipeline), one);
  return { site, published, demand: demandOf(site.demand, defaultPipeline) };
}

/** A session counts at each of its stages, so that the stage with the most says how many there are. */
function demandOf(counts: readonly StageDemand[], defaultPipeline: string) {
  const demand = new Map<string, { active: number; demand: number }>();
  for (const { tenant, pipeline, active, refused } of counts) {
    if (tenant === "") continue;
    const key = keyOf(tenant, pipeline === "" ? defaultPipeline : pipeline);
    const before = demand.get(key);
    demand.set(key, { active: Math.max(active, before?.active ?? 0), demand: Math.max(active + refused, before?.demand ?? 0) });
  }
  return demand;
}

function seatsOf({ site, published, demand }: SiteBook, key: string, mayServe: boolean): SiteSeats {
  if (site.state === "lost") return { site: site.name, limit: 0, held: 0, active: 0, demand: 0, state: "closed" };
  const { limit = 0, most = 0 } = published.get(key) ?? {};
  const counted = demand.get(key) ?? { active: 0, demand: 0 };
  const state = site.state === "silent" ? "silent" : mayServe ? "open" : "closed";
  const held = Math.max(limit, counted.active, site.confirmed ? 0 : most);
  return { site: site.name, limit, held, ...counted, state };
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const keyOf = (tenant: string, pipeline: string): string => `${tenant} ${pipeline}`;

const tenantOf = (key: string): string => key.slice(0, key.indexOf(" "));

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
