import type { Bus, KeyValueStore } from "@troupe/bus";
import { siteBucketOptions, siteBuckets } from "@troupe/session";

/** Key-value buckets between hub and sites. Values are messages of troupe.fleet.v1, and stay until they are replaced. */
export const buckets = {
  /** At the hub; key: site; SitePlan. Written by the hub. */
  plans: "site-plans",
  /** At the hub; key: site; SiteReport. Written by the site. */
  reports: "site-reports",
  /** At the site; key: site; the SitePlan that it runs, whether the hub can be reached or not. */
  kept: "site-plan",
  /** At the site; key: `<site>.<tenant>`; TenantAllotment, for the site's gateways. */
  allotments: siteBuckets.allotments,
  /** At the site; key: site; SiteRoutes, for its gateways. */
  routes: siteBuckets.routes,
} as const;

/** @param domain JetStream domain; empty: that of the server connected to */
export function openBucket(bus: Bus, name: (typeof buckets)[keyof typeof buckets], domain = ""): Promise<KeyValueStore> {
  return bus.keyValue(name, { ...siteBucketOptions, ...(domain && { domain }) });
}

/** Writes a value that has one writer, whatever was there before. @returns its revision @throws ServiceError RECORD_CONFLICT: it has another */
export async function putValue(store: KeyValueStore, key: string, value: Uint8Array): Promise<number> {
  const entry = await store.get(key);
  if (!entry) return await store.create(key, value);
  return Buffer.from(entry.value).equals(value) ? entry.revision : await store.update(key, value, entry.revision);
}
