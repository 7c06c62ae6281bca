import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { SitePlanSchema, SiteReportSchema } from "@troupe/contracts";
import type { Site } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { nextPlan } from "./next-plan.ts";

const site = (status: Site["status"] = {}) => ({ metadata: { name: "edge-1" }, spec: { cluster: "edge" }, status }) as unknown as Site;
const plan = (generation: number, change: MessageInitShape<typeof SitePlanSchema> = {}) =>
  create(SitePlanSchema, { site: "edge-1", generation, pools: [{ name: "voice", spec: { maxReplicas: 3 } }], ...change });
const report = (change: MessageInitShape<typeof SiteReportSchema>) => create(SiteReportSchema, { site: "edge-1", ...change });
const next = (wanted: ReturnType<typeof plan>, known: Partial<Parameters<typeof nextPlan>[0]> = {}) => {
  const decision = nextPlan({ site: site(), current: undefined, report: undefined, ...known, wanted });
  return [decision.reason, decision.plan?.generation];
};
const allotment = (limit: number, most: number) => [{ tenant: "acme", pipelines: [{ pipeline: "a/b", limit, most }] }];
const empty = plan(0, { pools: [] });

describe("the next plan of a site", () => {
  it("has the next number where it says something new, and is none where it doesn't", () => {
    expect(next(plan(0))).toEqual(["FirstPlan", 1]);
    expect(next(plan(0), { current: plan(7) })).toEqual(["Unchanged", undefined]);
    expect(next(empty, { current: plan(7) })).toEqual(["Changed", 8]);
    expect(next(plan(0, { allotments: allotment(3, 3) }), { current: plan(7, { allotments: allotment(2, 2) }) })).toEqual(["Changed", 8]);
  });

  it("is none where only the hub's own note differs, or an order that says nothing", () => {
    const noted = { current: plan(7, { allotments: allotment(2, 9) }) };
    expect(next(plan(0, { allotments: allotment(2, 2) }), noted)).toEqual(["Unchanged", undefined]);
    const one = plan(0, { pools: [{ name: "voice", spec: { a: 1, b: 2 } }] });
    expect(next(one, { current: plan(7, { pools: [{ name: "voice", spec: { b: 2, a: 1 } }] }) })).toEqual(["Unchanged", undefined]);
  });

  it("is none for a site that nothing was ever planned for", () => {
    expect(next(empty)).toEqual(["NothingPlanned", undefined]);
  });

  it("goes on from the highest number that anybody knows", () => {
    expect(next(plan(0), { site: site({ planGeneration: 40, appliedGeneration: 39 }) })).toEqual(["FirstPlan", 41]);
    expect(next(plan(0), { current: plan(2), report: report({ appliedGeneration: 40 }) })).toEqual(["NumberLost", 41]);
    const reused = report({ appliedGeneration: 7, refusal: { generation: 7, reason: "GenerationReused" } });
    expect(next(plan(0), { current: plan(7), report: reused })).toEqual(["NumberReused", 8]);
  });

  it("is not made anew for a plan that the site refuses for what it says", () => {
    const refused = report({ appliedGeneration: 6, refusal: { generation: 7, reason: "ClassUnknown" } });
    expect(next(plan(0), { current: plan(7), report: refused })).toEqual(["Unchanged", undefined]);
  });

  it("takes nothing from a site whose plan a new hub has never known", () => {
    const running = report({ appliedGeneration: 40, pools: [{ name: "voice" }] });
    expect(next(plan(0, { pools: [], allotments: allotment(2, 2) }), { report: running })).toEqual(["PlanForgotten", undefined]);
    expect(next(empty, { current: plan(1, { pools: [] }), report: running })).toEqual(["PlanForgotten", undefined]);
    expect(next(plan(0), { report: running })).toEqual(["FirstPlan", 41]);
  });
});
