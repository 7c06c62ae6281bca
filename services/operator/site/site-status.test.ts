import { describe, expect, it } from "vitest";
import { siteObject } from "../testing/objects.ts";
import { nextLookMs, type SiteSighting, silentAfterMs, siteStatus } from "./site-status.ts";

const utcNowMs = Date.UTC(2026, 0, 1, 0, 10);
const remote = siteObject("edge", { cluster: "edge-1" });

function look(sighting: Partial<SiteSighting>) {
  const status = siteStatus({ site: remote, nodes: 3, report: undefined, planGeneration: undefined, utcNowMs, ...sighting });
  const verdicts = Object.fromEntries((status.conditions ?? []).map((one) => [one.type, `${one.status} ${one.reason}`]));
  return { ...status, verdicts };
}

const report = (agoMs: number, appliedGeneration = 4) => ({ receivedMs: utcNowMs - agoMs, appliedGeneration, nodes: 3 });

describe("a site", () => {
  it("of this cluster is connected, and its plan is applied when it is made", () => {
    const { verdicts, ...status } = look({ site: siteObject("here"), planGeneration: 7 });
    expect(verdicts).toEqual({ Connected: "True ThisCluster", PlanApplied: "True ThisCluster", Lost: "False NotLost" });
    expect(status).toMatchObject({ nodes: 3, planGeneration: 7, appliedGeneration: 7, observedGeneration: 1 });
  });

  it("that reports is connected, and behind until it runs the newest plan", () => {
    expect(look({ report: report(1000), planGeneration: 5 }).verdicts).toEqual({
      Connected: "True Reporting",
      PlanApplied: "False Behind",
      Lost: "False NotLost",
    });
    expect(look({ report: report(1000, 5), planGeneration: 5 }).verdicts["PlanApplied"]).toBe("True Applied");
  });

  it("of this cluster needs no plan for that", () => {
    expect(look({ site: siteObject("here") }).verdicts["PlanApplied"]).toBe("True ThisCluster");
    expect(look({}).verdicts["PlanApplied"]).toBe("Unknown NoPlan");
  });

  it("that refuses the newest plan says why, and one that refused an older one is only behind", () => {
    const refusal = { generation: 5, reason: "ClassUnknown", message: "there is no class gpu" };
    expect(look({ report: { ...report(1000), refusal }, planGeneration: 5 }).verdicts["PlanApplied"]).toBe("False ClassUnknown");
    expect(look({ report: { ...report(1000), refusal }, planGeneration: 6 }).verdicts["PlanApplied"]).toBe("False Behind");
  });

  it("that is silent is cut off and not lost", () => {
    expect(look({ report: report(silentAfterMs), planGeneration: 4 }).verdicts).toEqual({
      Connected: "False Silent",
      PlanApplied: "True Applied",
      Lost: "False NotLost",
    });
  });

  it("is lost when a person says so", () => {
    expect(look({ site: siteObject("edge", { cluster: "edge-1", lost: true }) }).verdicts["Lost"]).toBe("True Declared");
  });

  it("is lost when its nodes were deleted, and stays so until there are nodes again", () => {
    const had = siteObject("here", {}, { nodes: 2 });
    const gone = look({ site: had, nodes: 0 });
    expect(gone.verdicts["Lost"]).toBe("True NodesDeleted");
    expect(look({ site: siteObject("here", {}, gone), nodes: 0 }).verdicts["Lost"]).toBe("True NodesDeleted");
    expect(look({ site: siteObject("here", {}, gone), nodes: 1 }).verdicts["Lost"]).toBe("False NotLost");
    expect(look({ site: siteObject("here"), nodes: 0 }).verdicts["Lost"]).toBe("False NotLost");
  });

  it("is looked at again when it would fall silent, and only then", () => {
    const sighting = { site: remote, nodes: 0, planGeneration: undefined, utcNowMs };
    expect(nextLookMs({ ...sighting, report: report(10_000) })).toBe(silentAfterMs - 10_000);
    expect(nextLookMs({ ...sighting, report: report(silentAfterMs) })).toBeUndefined();
    expect(nextLookMs({ ...sighting, site: siteObject("here"), report: undefined })).toBeUndefined();
  });

  it("has no new status for each report", () => {
    expect(look({ report: report(1000) }).lastReportTime).toBe(look({ report: report(30_000) }).lastReportTime);
  });
});
