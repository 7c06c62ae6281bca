export { buckets, openBucket } from "./buckets.ts";
export { createLocalFleets, type LocalFleets, type LocalFleetsDeps } from "./local-fleets.ts";
export { type SiteLoop, type SiteRoles, type SiteRolesDeps, type SiteRolesOptions, startSiteRoles } from "./site-roles.ts";
