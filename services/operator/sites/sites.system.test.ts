import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { connectNats } from "@troupe/bus";
import {
  type PipelineAllotment,
  SitePlanSchema,
  type SiteReport,
  SiteReportSchema,
  type StageDemand,
  StageDemandSchema,
  TenantAllotmentSchema,
} from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import { kinds, type StagePool } from "@troupe/kinds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, type KubeApi } from "../kube/index.ts";
import { eventually } from "../testing/eventually.ts";
import { buckets, openBucket } from "./index.ts";
import { namespace, startHub, startSite, startTwoClusters, type TwoClusters } from "./testing/two-clusters.ts";

// Budget: 60 s. Two real API servers, two real nats-servers joined by a leaf node whose network the test cuts; time runs ten times faster.
const site = "edge-1";
const pipeline = "studio/standard";
const model = (name: string) => ({
  apiVersion: "troupe.dev/v1alpha1",
  kind: "Model",
  metadata: { name },
  spec: {
    stage: "tts",
    manifest: { id: "hibari-en", sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
    languages: ["en"],
    needs: [{ acceleratorClass: "cpu", memoryMebibytes: 200, share: { cpuMillicores: 500 } }],
    licence: "MIT",
  },
});
const poolSpec = (acceleratorClass = "cpu") => ({
  members: [{ stage: "tts", models: ["hibari-en"] }],
  acceleratorClass,
  site,
  share: { cpuMillicores: 500 },
  minReplicas: 1,
  maxReplicas: 5,
  template: { image: "troupe:test", env: [{ name: "TROUPE_LOG_LEVEL", value: "info" }] },
});
const pool = (name: string, spec: object = poolSpec()) => ({
  apiVersion: "troupe.dev/v1alpha1",
  kind: "StagePool",
  metadata: { name, namespace },
  spec,
});
const acceleratorClass = (name: string) => ({
  apiVersion: "troupe.dev/v1alpha1",
  kind: "AcceleratorClass",
  metadata: { name },
  spec: { kind: "cpu", executionProvider: "cpu" },
});
const remoteSite = { tier: "edge", cluster: "edge-1" };
const place = (name: string, spec: object) => ({ apiVersion: "troupe.dev/v1alpha1", kind: "Site", metadata: { name }, spec });
const tenant = {
  apiVersion: "troupe.dev/v1alpha1",
  kind: "Tenant",
  metadata: { name: "acme" },
  spec: { namespaces: ["studio"], quotas: [{ pipeline, guaranteed: 4, limit: 20, weight: 100 }] },
};

let clusters: TwoClusters;
let hub: AsyncDisposable;
let edge: AsyncDisposable;
const demand: { main: StageDemand[]; edge: StageDemand[] } = { main: [], edge: [] };
const asks = (active: number, refused = 0) => [create(StageDemandSchema, { tenant: "acme", pipeline, stage: "asr", active, refused })];
async function runHub(): Promise<void> {
  hub = await startHub(clusters, () => demand.main);
}
async function runSite(): Promise<void> {
  edge = await startSite(clusters, () => demand.edge);
}

beforeAll(async () => {
  clusters = await startTwoClusters();
  await clusters.hub.plane.apply([
    acceleratorClass("cpu"),
    acceleratorClass("late"),
    model("hibari-en"),
    place("main", { tier: "cloud" }),
    place(site, remoteSite),
    tenant,
    pool("voice"),
  ]);
  await clusters.site.plane.apply([acceleratorClass("cpu")]);
  await runHub();
  await runSite();
}, 90_000);
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
  await clusters?.[Symbol.asyncDispose]();
});

async function poolAt(where: { readonly api: KubeApi }, name: string): Promise<StagePool | undefined> {
  try {
    return await where.api.get(kinds.stagePools, { namespace, name });
  } catch (thrown) {
    if (isServiceError(thrown, "OBJECT_UNKNOWN")) return undefined;
    throw thrown;
  }
}
const siteStatus = async () => (await clusters.hub.api.get(kinds.sites, { name: site })).status;
const says = async (type: string) => {
  const found = conditionOf({ status: await siteStatus() }, type);
  return found && { status: found.status, reason: found.reason, message: found.message };
};
const isSaid = async (type: string, reason: string) => (await says(type))?.reason === reason;
const patch = (where: { readonly plane: TwoClusters["hub"]["plane"] }, name: string, change: object, ...more: string[]) =>
  where.plane.kubectl("-n", namespace, "patch", "stagepool", name, "--type=merge", "-p", JSON.stringify(change), ...more);
const running = (replicas: number, generation?: number) => ({
  status: {
    replicas,
    readyReplicas: replicas,
    admittingReplicas: replicas,
    drainingReplicas: 0,
    updatedReplicas: replicas,
    ...(generation && { observedGeneration: generation }),
  },
});

/** The hub's store, as seen from beside it. */
async function besideHub<T>(look: (bus: Awaited<ReturnType<typeof connectNats>>) => Promise<T>): Promise<T> {
  const bus = await connectNats({ servers: clusters.hubNats.url, name: "beside" });
  try {
    return await look(bus);
  } finally {
    await bus.drain();
  }
}
const newestPlan = () =>
  besideHub(async (bus) => {
    const entry = await (await openBucket(bus, buckets.plans)).get(site);
    if (!entry) throw new Error("there is no plan");
    return { plan: fromBinary(SitePlanSchema, entry.value), revision: entry.revision };
  });
const lastReport = (): Promise<SiteReport | undefined> =>
  besideHub(async (bus) => {
    const entry = await (await openBucket(bus, buckets.reports)).get(site);
    return entry && fromBinary(SiteReportSchema, entry.value);
  });

/** What gateways of a site read. */
async function allotment(servers: string, of: string): Promise<PipelineAllotment | undefined> {
  const bus = await connectNats({ servers, name: "gateway" });
  try {
    const entry = await (await openBucket(bus, buckets.allotments)).get(`${of}.acme`);
    return entry && fromBinary(TenantAllotmentSchema, entry.value).pipelines[0];
  } finally {
    await bus.drain();
  }
}
const limits = async () => {
  const [main, there] = await Promise.all([allotment(clusters.hubNats.url, "main"), allotment(clusters.siteNats.url, site)]);
  return [main?.limit, there?.limit];
};

/** What was asked for before is planned, has come, and was reported: two more looks of the hub changed nothing. */
async function nothingIsUnderWay(): Promise<void> {
  let [last, same] = ["", 0];
  await eventually("nothing is under way", async () => {
    const status = await siteStatus();
    const applied = await isSaid("PlanApplied", "Applied");
    const pool = (await poolAt(clusters.site, "voice"))?.metadata.resourceVersion;
    const now = JSON.stringify([status?.planGeneration, status?.appliedGeneration, applied, pool, await limits()]);
    same = applied && now === last ? same + 1 : 0;
    last = now;
    return same >= 12;
  });
}

describe("a site in another cluster", () => {
  it("runs what the hub plans, scales it by itself, and the hub sees what came of it", async () => {
    await eventually("the pool is there", async () => (await poolAt(clusters.site, "voice")) !== undefined);
    const there = await poolAt(clusters.site, "voice");
    const here = await poolAt(clusters.hub, "voice");
    expect(there?.spec).toEqual({ ...here?.spec, replicas: 0 });
    const loaded = await clusters.site.api.get(kinds.models, { name: "hibari-en" });
    expect(loaded.spec).toEqual((await clusters.hub.api.get(kinds.models, { name: "hibari-en" })).spec);
    await eventually("the hub knows", () => isSaid("PlanApplied", "Applied"));
    expect(await says("Connected")).toMatchObject({ status: "True", reason: "Reporting" });
    const status = await siteStatus();
    expect(status?.appliedGeneration).toBe(status?.planGeneration);

    await clusters.site.api.scale(kinds.stagePools, { namespace, name: "voice" }, 3, "troupe-autoscaler");
    await patch(clusters.site, "voice", running(3), "--subresource=status");
    await patch(clusters.hub, "voice", { spec: { maxReplicas: 7 } });
    await eventually("the bounds have come", async () => (await poolAt(clusters.site, "voice"))?.spec.maxReplicas === 7);
    expect((await poolAt(clusters.site, "voice"))?.spec.replicas).toBe(3);
    await eventually("the counts have come", async () => (await poolAt(clusters.hub, "voice"))?.status?.admittingReplicas === 3);

    const profile = { acceleratorClass: "cpu", image: "troupe:test", sessions: 3, measuredTime: "2026-11-22T00:00:00Z" };
    await clusters.site.api.applyStatus(kinds.models, { metadata: { name: "hibari-en" }, status: { profile: [profile] } } as never, "test");
    await eventually("what was measured has come", async () => (await lastReport())?.profiles.length === 1);
    expect((await lastReport())?.profiles).toMatchObject([{ model: "hibari-en", ...profile }]);
  });

  it("shares its tenants' limits with the others, as demand goes, and all together never exceed them", async () => {
    await eventually("the site that came later has some", async () => (await limits()).join() === "18,2");
    demand.edge = asks(10, 6);
    await eventually("seats have moved", async () => (await limits()).join() === "2,18");
    expect((await allotment(clusters.siteNats.url, site))?.guaranteed).toBe(4);
    demand.edge = asks(2);
  });

  it("goes on with its plan when it is cut off, restarts with it, and catches up when the link is back", async () => {
    await nothingIsUnderWay();
    const before = { ...(await poolAt(clusters.site, "voice")) };
    const ownSeats = (await allotment(clusters.siteNats.url, site))?.limit;
    clusters.link.setDown(true);
    await eventually("it is silent", () => isSaid("Connected", "Silent"));
    expect(await says("Connected")).toMatchObject({ status: "False" });
    expect(await says("Lost")).toMatchObject({ status: "False", reason: "NotLost" });
    expect(await says("PlanApplied")).toMatchObject({ status: "True", reason: "Applied" });
    expect((await poolAt(clusters.hub, "voice"))?.status?.admittingReplicas).toBe(3);
    expect((await poolAt(clusters.site, "voice"))?.metadata.resourceVersion).toBe(before.metadata?.resourceVersion);

    demand.main = asks(18, 40);
    await patch(clusters.hub, "voice", { spec: { maxReplicas: 9 } });
    await eventually("the plan waits", () => isSaid("PlanApplied", "Behind"));
    await edge[Symbol.asyncDispose]();
    await patch(clusters.site, "voice", { spec: { maxReplicas: 6 } });
    await runSite();
    await eventually("what was changed by hand is as planned", async () => (await poolAt(clusters.site, "voice"))?.spec.maxReplicas === 7);
    expect((await poolAt(clusters.site, "voice"))?.spec.replicas).toBe(3);
    const [main, there] = await limits();
    expect(there).toBe(ownSeats);
    expect(Number(main) + Number(there)).toBeLessThanOrEqual(20);

    clusters.link.setDown(false);
    clusters.link.cut();
    await eventually("it has caught up", async () => (await poolAt(clusters.site, "voice"))?.spec.maxReplicas === 9);
    await eventually("the hub knows", async () => (await isSaid("Connected", "Reporting")) && (await isSaid("PlanApplied", "Applied")));
    demand.main = [];
  });

  it("refuses a plan with a lower number, and the hub goes on counting from the highest", async () => {
    await hub[Symbol.asyncDispose]();
    const { plan, revision } = await newestPlan();
    const older = create(SitePlanSchema, { ...plan, generation: plan.generation - 1, pools: [] });
    await besideHub(async (bus) => (await openBucket(bus, buckets.plans)).update(site, toBinary(SitePlanSchema, older), revision));
    await eventually("it is refused", async () => (await lastReport())?.refusal?.reason === "GenerationLower");
    expect(await lastReport()).toMatchObject({ appliedGeneration: plan.generation, refusal: { generation: plan.generation - 1 } });
    expect((await poolAt(clusters.site, "voice"))?.spec.maxReplicas).toBe(9);
    await runHub();
    await eventually("the number is higher", async () => (await newestPlan()).plan.generation > plan.generation);
    await eventually("it is taken", async () => ((await lastReport())?.appliedGeneration ?? 0) > plan.generation);
    expect((await lastReport())?.refusal).toBeUndefined();
  });

  it("refuses a plan as a whole that it cannot run, says why, and takes it when it can", async () => {
    await clusters.hub.plane.apply([pool("late", poolSpec("late")), pool("good")]);
    await eventually("the hub knows", () => isSaid("PlanApplied", "ClassUnknown"));
    expect((await says("PlanApplied"))?.message).toContain("pool late is for the class late, which this cluster does not have");
    expect(await poolAt(clusters.site, "good")).toBeUndefined();
    const { plan } = await newestPlan();
    await clusters.site.plane.apply([acceleratorClass("late")]);
    await eventually("both are there", async () => Boolean((await poolAt(clusters.site, "late")) && (await poolAt(clusters.site, "good"))));
    await eventually("the hub knows", () => isSaid("PlanApplied", "Applied"));
    expect((await newestPlan()).plan.generation).toBe(plan.generation);
  });

  it("refuses what its API server would refuse, before it has changed anything", async () => {
    await hub[Symbol.asyncDispose]();
    const { plan, revision } = await newestPlan();
    const [first] = plan.pools;
    const wrong = { ...first, name: "wrong", spec: { ...first?.spec, minReplicas: 4, maxReplicas: 2 } };
    const next = create(SitePlanSchema, {
      ...plan,
      generation: plan.generation + 1,
      pools: [{ ...first, name: "apart" } as never, wrong as never],
    });
    await besideHub(async (bus) => (await openBucket(bus, buckets.plans)).update(site, toBinary(SitePlanSchema, next), revision));
    await eventually("it is refused", async () => (await lastReport())?.refusal?.reason === "SpecRefused");
    expect((await lastReport())?.refusal?.message).toContain("minReplicas must not exceed maxReplicas");
    expect(await poolAt(clusters.site, "apart")).toBeUndefined();
    expect((await poolAt(clusters.site, "good"))?.spec.maxReplicas).toBe(5);
    await runHub();
    await eventually("the hub has put it right", () => isSaid("PlanApplied", "Applied"));
  });

  it("empties a pool that is planned no longer, and only then lets it go", async () => {
    await clusters.hub.api.delete(kinds.stagePools, { namespace, name: "voice" });
    await eventually("it is to have none", async () => (await poolAt(clusters.site, "voice"))?.spec.maxReplicas === 0);
    const there = await poolAt(clusters.site, "voice");
    expect(there?.metadata.deletionTimestamp).toBeUndefined();
    await patch(clusters.site, "voice", running(0, there?.metadata.generation), "--subresource=status");
    await eventually("it has gone", async () => (await poolAt(clusters.site, "voice")) === undefined);
    expect(await poolAt(clusters.site, "good")).toBeDefined();
  });
});
