import type { Site, SiteStatus } from "@troupe/kinds";
import { conditionOf, conditionsOf, decide, type Policy, type Statement } from "../kube/index.ts";

/** What is known of a site beside what a person wrote. */
export interface SiteSighting {
  readonly site: Site;
  /** Nodes of this cluster that are in it; of a remote site, as it reported. */
  readonly nodes: number;
  /** Its last report; undefined: none since this operator listens. */
  readonly report: SiteReport | undefined;
  /** The newest plan made for it. */
  readonly planGeneration: number | undefined;
  /** Milliseconds since 1970. */
  readonly utcNowMs: number;
}

export interface SiteReport {
  /** The plan that the site runs. */
  readonly appliedGeneration: number;
  /** Milliseconds since 1970, when it was received. */
  readonly receivedMs: number;
  readonly nodes: number;
  /** Why it does not run a plan. */
  readonly refusal?: { readonly generation: number; readonly reason: string; readonly message: string };
}

/** A site that has said nothing for so long is cut off; its plan stands. */
export const silentAfterMs = 30_000;
/** status.lastReportTime moves in steps of this, so that a report isn't a write. */
const reportStepMs = 60_000;

const isLocal = (site: Site) => site.spec.cluster === "";
const isSilent = ({ report, utcNowMs }: SiteSighting) => !report || utcNowMs - report.receivedMs >= silentAfterMs;
const nodesText = (nodes: number) => (nodes === 1 ? "1 node" : `${nodes} nodes`);

type Verdict = Omit<Statement, "type">;

const connected: readonly Policy<SiteSighting, Verdict>[] = [
  ({ site, nodes }) =>
    isLocal(site) ? { status: "True", reason: "ThisCluster", message: `the site is in this cluster: ${nodesText(nodes)}` } : undefined,
  ({ site, report }) =>
    report ? undefined : { status: "Unknown", reason: "NeverHeard", message: `no report of ${site.spec.cluster} has come yet` },
  (sighting) =>
    isSilent(sighting)
      ? { status: "False", reason: "Silent", message: "the site is cut off; it goes on with its plan, and new demand is planned elsewhere" }
      : undefined,
  ({ nodes }) => ({ status: "True", reason: "Reporting", message: `the site reports: ${nodesText(nodes)}` }),
];

const planApplied: readonly Policy<SiteSighting, Verdict>[] = [
  ({ site }) =>
    isLocal(site)
      ? { status: "True", reason: "ThisCluster", message: "what is planned is applied here, without a plan to send" }
      : undefined,
  ({ planGeneration }) =>
    planGeneration === undefined ? { status: "Unknown", reason: "NoPlan", message: "no plan was made for the site yet" } : undefined,
  ({ report, planGeneration = 0 }) =>
    report?.refusal && (report.refusal.generation === 0 || report.refusal.generation >= planGeneration)
      ? {
          status: "False",
          reason: report.refusal.reason,
          message: `the site refuses plan ${planGeneration} and goes on with plan ${report.appliedGeneration}: ${report.refusal.message}`,
        }
      : undefined,
  ({ report, planGeneration = 0 }) =>
    report && report.appliedGeneration >= planGeneration
      ? { status: "True", reason: "Applied", message: `the site runs plan ${report.appliedGeneration}` }
      : undefined,
  ({ report, planGeneration }) => ({
    status: "False",
    reason: "Behind",
    message: report ? `the site runs plan ${report.appliedGeneration}, the newest is ${planGeneration}` : "the site has not reported",
  }),
];

const lost: readonly Policy<SiteSighting, Verdict>[] = [
  ({ site }) => (site.spec.lost ? { status: "True", reason: "Declared", message: "a person has declared the site lost" } : undefined),
  (sighting) =>
    isLocal(sighting.site) && sighting.nodes === 0 && hadNodes(sighting.site)
      ? { status: "True", reason: "NodesDeleted", message: "all nodes of the site were deleted" }
      : undefined,
  () => ({ status: "False", reason: "NotLost", message: "cut off is not lost: a person declares it, or its nodes are deleted" }),
];

function hadNodes(site: Site): boolean {
  return (site.status?.nodes ?? 0) > 0 || conditionOf(site, "Lost")?.reason === "NodesDeleted";
}

const lists = { Connected: connected, PlanApplied: planApplied, Lost: lost } as const;

/** Counts and conditions of a site; pure. */
export function siteStatus(sighting: SiteSighting): SiteStatus {
  const { site, nodes, report, planGeneration, utcNowMs } = sighting;
  const statements = Object.entries(lists).flatMap(([type, policies]) => {
    const verdict = decide(policies, sighting);
    return verdict ? [{ type, ...verdict }] : [];
  });
  const reportedMs = report && Math.floor(report.receivedMs / reportStepMs) * reportStepMs;
  const applied = isLocal(site) ? planGeneration : report?.appliedGeneration;
  return {
    observedGeneration: site.metadata.generation ?? 0,
    conditions: conditionsOf(site, statements, utcNowMs),
    nodes,
    ...(planGeneration !== undefined && { planGeneration }),
    ...(applied !== undefined && { appliedGeneration: applied }),
    ...(reportedMs !== undefined && { lastReportTime: new Date(reportedMs).toISOString().replace(/\.\d+Z$/, "Z") }),
  };
}

/** When the status changes without anything happening: a site that falls silent. */
export function nextLookMs({ site, report, utcNowMs }: SiteSighting): number | undefined {
  if (isLocal(site) || !report) return undefined;
  const leftMs = report.receivedMs + silentAfterMs - utcNowMs;
  return leftMs > 0 ? leftMs : undefined;
}
