import { create, toBinary } from "@bufbuild/protobuf";
import { createMemoryBroker } from "@troupe/bus";
import { SiteReportSchema } from "@troupe/contracts";
import { until } from "@troupe/testkit";
import { expect, it, onTestFinished } from "vitest";
import { quiet as logger } from "../../kube/testing/cluster.ts";
import { modelObject } from "../../testing/objects.ts";
import { buckets, openBucket } from "../buckets.ts";
import { siteReport } from "../site/site-report.ts";
import { createHubReports } from "./reports.ts";

it("tells what a model's replicas measured at every site, as the sites report it", async () => {
  const broker = createMemoryBroker();
  const store = await openBucket(broker.connect(), buckets.reports);
  const reports = await createHubReports({ bus: broker.connect(), logger, utcNowMs: () => 0 });
  onTestFinished(() => reports[Symbol.dispose]());
  const profile = (sessions: number) => ({ acceleratorClass: "l4", image: "troupe:1", sessions, measuredTime: "2026-11-22T00:00:00Z" });
  const exact = { ...profile(4), p95EarlyMilliseconds: 0 };
  const report = (site: string, ...profiles: readonly ReturnType<typeof profile>[]) => {
    const models = [{ ...modelObject("voice"), status: { profile: profiles } }, modelObject("ears")];
    return siteReport({ site, appliedGeneration: 1, refusal: undefined, pools: [], models, nodes: 1, demand: [] });
  };
  await store.create("edge-1", toBinary(SiteReportSchema, report("edge-1", exact)));
  await store.create("edge-2", toBinary(SiteReportSchema, report("edge-2", profile(9))));
  await store.create("old", toBinary(SiteReportSchema, create(SiteReportSchema, { site: "old" })));
  await until("all have reported", () => ["edge-1", "edge-2", "old"].every((site) => reports.reportOf(site)));
  expect(reports.profilesOf("voice")).toEqual([exact, profile(9)]);
  expect(reports.profilesOf("ears")).toEqual([]);
});
