export { type AllotmentStore, createAllotmentStore } from "./allotment/allotment-store.ts";
export { type AllotmentInput, type AllotmentSite, allotTenants } from "./allotment/allotments.ts";
export { buckets, openBucket } from "./buckets.ts";
export { createRemotePoolController, type RemotePoolDeps, triggerRemotePools } from "./hub/remote-pool.ts";
export { createHubReports, type HubReports } from "./hub/reports.ts";
export { createSitePlansController, type SitePlansDeps, type SitePlansOptions, triggerSitePlans } from "./hub/site-plans.ts";
export { createHubLink, type HubLink, type HubLinkOptions } from "./site/hub-link.ts";
export { createPlanFollower, type PlanFollowerDeps, type PlanFollowerOptions, triggerPlanFollower } from "./site/plan-follower.ts";
