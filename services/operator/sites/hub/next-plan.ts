import { create } from "@bufbuild/protobuf";
import { type SitePlan, SitePlanSchema, type SiteReport } from "@troupe/contracts";
import type { Site } from "@troupe/kinds";
import { type Decision, decide, type Policy } from "../../kube/index.ts";
import { type PlanContent, sameContent } from "../site-plan.ts";

export interface PlanSituation {
  readonly site: Site;
  readonly wanted: PlanContent;
  /** The newest plan in the store. */
  readonly current: SitePlan | undefined;
  /** What the site said last. */
  readonly report: SiteReport | undefined;
}

/** In this order; the first that speaks says why a plan is made, or none. */
const policies: readonly Policy<PlanSituation, Decision & { readonly publish: boolean }>[] = [
  ({ wanted, current }) =>
    !current && wanted.pools.length === 0 && wanted.allotments.length === 0
      ? { publish: false, reason: "NothingPlanned", message: "a site that was never planned for is left as it is" }
      : undefined,
  ({ wanted, current, report }) =>
    report &&
    report.pools.length > 0 &&
    wanted.pools.length === 0 &&
    !current?.pools.length &&
    numberKnown(report) > (current?.generation ?? 0)
      ? { publish: false, reason: "PlanForgotten", message: `the site runs plan ${numberKnown(report)}, of which nothing is known here` }
      : undefined,
  ({ current }) => (current ? undefined : { publish: true, reason: "FirstPlan", message: "there is no plan for the site yet" }),
  ({ wanted, current }) =>
    current && !sameContent(wanted, current)
      ? { publish: true, reason: "Changed", message: "the site is to run something else" }
      : undefined,
  ({ current, report }) =>
    current && report && numberKnown(report) > current.generation
      ? { publish: true, reason: "NumberLost", message: `the site knows plan ${numberKnown(report)}, the store only ${current.generation}` }
      : undefined,
  ({ current, report }) =>
    current && report?.refusal?.generation === current.generation && report.refusal.reason === "GenerationReused"
      ? { publish: true, reason: "NumberReused", message: `the site knows another plan ${current.generation}` }
      : undefined,
  () => ({ publish: false, reason: "Unchanged", message: "the newest plan says what the site is to run" }),
];

const numberKnown = ({ appliedGeneration, refusal }: SiteReport): number => Math.max(appliedGeneration, refusal?.generation ?? 0);

/** The plan to publish with its number, if one is, and why. Numbers go on where a hub has lost its store but not its cluster. */
export function nextPlan(situation: PlanSituation): Decision & { readonly plan?: SitePlan } {
  const decision = decide(policies, situation);
  if (!decision) throw new TypeError("the last policy always speaks");
  const { publish, reason, message } = decision;
  if (!publish) return { reason, message };
  const { site, wanted, current, report } = situation;
  const { planGeneration = 0, appliedGeneration = 0 } = site.status ?? {};
  const highest = Math.max(current?.generation ?? 0, report ? numberKnown(report) : 0, planGeneration, appliedGeneration);
  return { reason, message, plan: create(SitePlanSchema, { ...wanted, generation: highest + 1 }) };
}
