export { createGrants, type Grant, type Grants, platformTenant } from "./grant.ts";
export { OwnerState } from "./owner-state.ts";
export { siteBucketOptions, siteBuckets } from "./site-buckets.ts";
export { StateView } from "./state-view.ts";
