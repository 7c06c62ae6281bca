import { decide, type Policy } from "../kube/decision.ts";
import type { Request } from "./requests.ts";
import type { SiteBar } from "./sites.ts";

/** Why no site at all may serve a request: what bars those that nothing before it bars. */
const reasons: readonly Policy<Request>[] = [
  ({ bars }) => (bars.size === 0 ? { reason: "NoSites", message: "there is no Site" } : undefined),
  (request) => allOf(request, ["SiteLost"], "SitesLost", "every site is lost"),
  ({ pipeline, bars }) =>
    [...bars.values()].every((bar) => bar === "SiteLost" || bar === "SiteNotNamed")
      ? { reason: "SiteNotNamed", message: `none of the sites that ${pipeline.name} names is there: ${pipeline.sites?.join(", ")}` }
      : undefined,
  (request) =>
    allOf(
      request,
      ["SiteLost", "SiteNotNamed", "Residency"],
      "Residency",
      `no site lies in a region that ${request.pipeline.name} (${regions(request.pipeline.residency)}) and ${request.tenants.join(", ")} both allow`,
    ),
  (request) => ({
    reason: "RoundTripToGateway",
    message: `no allowed site is within ${request.pipeline.roundTripLimitMs} ms of the gateway at ${request.origin}`,
  }),
];

export const explainSites = (request: Request) => decide(reasons, request);

function allOf({ bars }: Request, among: readonly SiteBar[], reason: string, message: string) {
  return [...bars.values()].every((bar) => among.includes(bar)) ? { reason, message } : undefined;
}

const regions = (residency: readonly string[]): string => (residency.length > 0 ? residency.join(", ") : "any region");
