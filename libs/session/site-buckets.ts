/** Key-value buckets that a site's operator writes and its gateways follow. Values are messages of troupe.fleet.v1. */
export const siteBuckets = {
  /** Key: `<site>.<tenant>`; TenantAllotment. */
  allotments: "allotments",
  /** Key: `<site>`; SiteRoutes. */
  routes: "routes",
} as const;

/** NATS' usual limit of a message is 1 MiB; the rest is for its headers. Values stay until they are replaced. */
export const siteBucketOptions = { ttlMs: 0, maxValueBytes: 1_000_000 } as const;
