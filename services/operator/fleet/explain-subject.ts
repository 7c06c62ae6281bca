import { infrastructureSubject } from "@troupe/bus";

/** Where the operator that leads at a site answers `troupe explain`: JSON with kind and name in, text out. */
export const explainSubject = (site: string): string => infrastructureSubject(site, "operator", "leader", "explain");
