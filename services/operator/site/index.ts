export { createSiteController, noSiteReports, type SiteDeps, type SiteReports, triggerSites } from "./site.ts";
export { type SiteReport, silentAfterMs } from "./site-status.ts";
