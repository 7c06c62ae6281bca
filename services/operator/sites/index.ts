export { buckets, openBucket } from "./buckets.ts";
export { type SiteLoop, type SiteRoles, type SiteRolesDeps, type SiteRolesOptions, startSiteRoles } from "./site-roles.ts";
