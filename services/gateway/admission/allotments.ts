import { fromBinary } from "@bufbuild/protobuf";
import { type PipelineAllotment, TenantAllotmentSchema } from "@troupe/contracts";
import { siteBuckets } from "@troupe/session";
import { SiteBucket, type SiteBucketDeps } from "./site-bucket.ts";

/** How many sessions of whom the gateways of a site may hold, together. */
export interface Allotments extends Disposable {
  /**
   * By pipeline; of one that is not listed the tenant has none here. Undefined: nobody limits tenants at this site.
   * @throws ServiceError STORE_UNAVAILABLE where they cannot be read, and never were
   */
  of(tenant: string): Promise<readonly PipelineAllotment[] | undefined>;
}

/** Follows what the hub has given the site of each tenant's limit. Cut off from the hub, the site goes on with what it has. */
export function followAllotments(deps: SiteBucketDeps, site: string): Allotments {
  const bucket = new SiteBucket(deps, siteBuckets.allotments, (key) => key.startsWith(`${site}.`));
  return {
    async of(tenant) {
      await bucket.tried;
      if (bucket.isEmpty) return undefined;
      const value = await bucket.get(`${site}.${tenant}`);
      return value ? fromBinary(TenantAllotmentSchema, value).pipelines : [];
    },
    [Symbol.dispose]: () => bucket[Symbol.dispose](),
  };
}
