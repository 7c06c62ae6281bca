import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { createMemoryBroker, infrastructureSubject } from "@troupe/bus";
import { AnnouncementSchema } from "@troupe/contracts";
import { type Condition, kinds, labels, type Pipeline, type Tenant } from "@troupe/kinds";
import { profileBucket, profileTtlMs } from "@troupe/stage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInKinds, type Informer, type Kind, type KubeObject, type Ref } from "./kube/index.ts";
import { inParallel, installKinds, startTestCluster, type TestCluster } from "./kube/testing/cluster.ts";
import {
  avatarObject,
  classObject,
  modelObject,
  pipelineObject,
  poolObject,
  siteObject,
  stageOf,
  tenantObject,
} from "./testing/objects.ts";
import { type RunningOperator, sees, startObserver, startRunningOperator } from "./testing/running-operator.ts";

// Budget: 60 s, of which the control plane's start is 8 s. Every condition of every small controller, seen from outside.
const root = join(import.meta.dirname, "../..");
const namespace = "troupe-system";
const { namespaces, nodes, resourceSlices } = builtInKinds;
const broker = createMemoryBroker();
let cluster: TestCluster;
let observer: Awaited<ReturnType<typeof startObserver>>;
let operator: RunningOperator;

beforeAll(async () => {
  cluster = await startTestCluster({ audit: true });
  await installKinds(cluster);
  observer = await startObserver(cluster.kubeconfig, namespace);
  for (const name of [namespace, "acme", "globex"]) await observer.api.create(namespaces, { metadata: { name } }, "test");
  operator = await startRunningOperator({ kubeconfig: cluster.kubeconfig, namespace, siteReports, bus: broker.connect() });
});
afterAll(async () => {
  await operator?.stop();
  await observer?.[Symbol.asyncDispose]();
  await cluster?.close();
});

/** What a remote site has reported. */
const reported = new Map<string, { readonly appliedGeneration: number; readonly receivedMs: number; readonly nodes: number }>();
const siteHandlers = new Set<(site: string) => void>();
const tellSite = (site: string) => {
  for (const handler of siteHandlers) handler(site);
};
const siteReports = {
  reportOf: (site: string) => reported.get(site),
  planGenerationOf: (site: string) => (reported.has(site) ? 2 : undefined),
  profilesOf: () => [],
  onChange(handler: (site: string) => void) {
    siteHandlers.add(handler);
    return () => siteHandlers.delete(handler);
  },
};

type WithConditions = KubeObject & {
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
};

/** Resolves with the conditions once they are about the object's present generation and say this. */
function says<T extends WithConditions>(informer: Informer<T>, ref: Ref, wanted: Readonly<Record<string, string>>): Promise<T> {
  return sees(informer, () => {
    const object = informer.get(ref);
    const { generation } = object?.metadata ?? {};
    if (object?.status?.observedGeneration !== generation) return undefined;
    const fits = Object.entries(wanted).every(([type, verdict]) => {
      const condition = object?.status?.conditions?.find((one) => one.type === type);
      return condition?.observedGeneration === generation && `${condition?.status} ${condition?.reason}` === verdict;
    });
    return fits ? object : undefined;
  });
}

const put = <T extends KubeObject>(kind: Kind<T>, { metadata, ...object }: T & { readonly spec?: unknown }, manager = "person") => {
  const { name, namespace: within, labels: marks } = metadata;
  const { status: _, ...written } = object as { status?: unknown };
  const where = { name, ...(within && { namespace: within }), ...(marks && { labels: marks }) };
  return observer.api.apply(kind, { ...written, metadata: where } as never, manager, { force: true });
};

async function manifest(id: string): Promise<{ id: string; sha256: string }> {
  const bytes = await readFile(join(root, "models", id, "manifest.json"));
  return { id, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const piper = async (name: string, need = "cpu") => {
  const { license, languages, stage } = JSON.parse(await readFile(join(root, "models/piper-joe/manifest.json"), "utf8"));
  const needs = [{ acceleratorClass: need, memoryMebibytes: 100, share: { cpuMillicores: 500 }, videoEncoder: false }];
  return modelObject(name, { stage, languages, licence: license, manifest: await manifest("piper-joe"), needs });
};

async function addNode(
  name: string,
  marks: Readonly<Record<string, string>>,
  resources: Readonly<Record<string, string>> = {},
): Promise<void> {
  await observer.api.create(nodes, { metadata: { name, labels: marks } }, "kubelet");
  const allocatable = { cpu: "8", memory: "16Gi", pods: "110", ...resources };
  const conditions = [{ type: "Ready", status: "True", lastHeartbeatTime: new Date().toISOString() }];
  await observer.api.applyStatus(
    nodes,
    { metadata: { name }, status: { allocatable, capacity: allocatable, conditions } } as never,
    "kubelet",
  );
}

const pool = (name: string, model: string, site = "here") => {
  const { metadata, ...rest } = poolObject(name, { stage: "tts", models: [model] }, undefined);
  const template = { image: "troupe" };
  const spec = {
    ...rest.spec,
    acceleratorClass: "cpu",
    site,
    share: { cpuMillicores: 500 },
    minReplicas: 0,
    maxReplicas: 3,
    template,
  };
  return { ...rest, metadata, spec: spec as never };
};

describe("a Model", () => {
  it("is verified against the manifest of this release, and profiled by what another writer measured", async () => {
    await put(kinds.models, await piper("good"));
    await put(
      kinds.models,
      modelObject("changed", { ...(await piper("good")).spec, manifest: { id: "piper-joe", sha256: "0".repeat(64) } }),
    );
    const { seen, api } = observer;
    await says(seen.models, { name: "good" }, { Verified: "True ManifestMatches", Profiled: "False NotMeasured" });
    await says(seen.models, { name: "changed" }, { Verified: "False ManifestDiffers" });
    const profile = [{ acceleratorClass: "cpu", image: "i", sessions: 4, p95EarlyMilliseconds: 200, measuredTime: "2026-01-01T00:00:00Z" }];
    await api.applyStatus(kinds.models, { metadata: { name: "good" }, status: { profile } }, "calibration");
    const model = await says(seen.models, { name: "good" }, { Verified: "True ManifestMatches", Profiled: "True Measured" });
    expect(model.status?.profile).toEqual(profile);
  });

  it("has the profile that its replicas measured last", async () => {
    const { seen, api } = observer;
    const models = ["piper-joe"];
    const kept = (sessions: number, measuredTime: string) => ({
      ...{ stage: "tts", models, acceleratorClass: "cpu", image: "troupe", sessions, p95LateMs: -120, measuredTime },
    });
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const bus = broker.connect();
    const store = await bus.keyValue(profileBucket, { ttlMs: profileTtlMs });
    const announce = (boot: string, capacity: number) => {
      const said = create(AnnouncementSchema, { ...place, boot, stage: "tts", models, pool: "measuring", capacity });
      bus.publish(infrastructureSubject("local", "announce", "tts", "replica"), toBinary(AnnouncementSchema, said));
    };
    const place = { site: "local", replica: "measuring-1" };
    const profileOf = (sessions: number) =>
      sees(seen.models, () => {
        const profile = seen.models.get({ name: "measured" })?.status?.profile;
        return profile?.[0]?.sessions === sessions ? profile : undefined;
      });
    const revision = await store.create("tts.measured", bytes(kept(8, "2026-11-20T00:00:00.000Z")));
    await put(kinds.models, await piper("measured"));
    await put(kinds.stagePools, pool("measuring", "measured", "local"));
    await podOf("measuring");
    announce("1", 8);
    const first = { acceleratorClass: "cpu", image: "troupe", sessions: 8, p95EarlyMilliseconds: 120 };
    expect(await profileOf(8)).toEqual([{ ...first, measuredTime: "2026-11-20T00:00:00Z" }]);
    await says(seen.models, { name: "measured" }, { Profiled: "True Measured" });

    await store.update("tts.measured", bytes(kept(3, "2026-11-21T00:00:00.000Z")), revision);
    announce("2", 3);
    expect(await profileOf(3)).toEqual([{ ...first, sessions: 3, measuredTime: "2026-11-21T00:00:00Z" }]);
    await api.delete(kinds.stagePools, { namespace, name: "measuring" });
  });

  /** A pod as the pool's controller makes it, of which nothing runs. Resolves when the operator knows it. */
  async function podOf(poolName: string): Promise<void> {
    const { uid = "" } = await observer.api.get(kinds.stagePools, { namespace, name: poolName }).then(({ metadata }) => metadata);
    const owner = { apiVersion: "troupe.dev/v1alpha1", kind: "StagePool", name: poolName, uid, controller: true };
    const metadata = { namespace, name: `${poolName}-1`, ownerReferences: [owner] };
    const spec = { containers: [{ name: "tts", image: "troupe" }], automountServiceAccountToken: false };
    await observer.api.create(builtInKinds.pods, { metadata, spec } as never, "troupe-stage-pool");
    const { pods } = operator.informers;
    await sees(pods, () => pods.get({ namespace, name: `${poolName}-1` }));
  }
});

/** The stages that a test says nothing about. */
const elsewhere = (stage: "asr" | "tts", ...covers: readonly ("llm" | "face" | "compositor")[]) => ({
  ...stageOf(stage),
  covers,
  endpoint: { url: "https://models.example.org" },
});

describe("a Pipeline", () => {
  const ref = { namespace: "acme", name: "talk" };
  const poolSays = (name: string, status: object) =>
    observer.api.applyStatus(kinds.stagePools, { metadata: { name, namespace }, status }, "troupe-stage-pool");
  const healthy = (is: "True" | "False", message: string) => ({
    type: "Healthy",
    status: is,
    reason: is === "True" ? "NoCrashLoop" : "CrashLoop",
    message,
    observedGeneration: 1,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });

  it("is resolved when its models are there, ready when they are served, and rolled back when a new one crash-loops", async () => {
    const { seen } = observer;
    const write = (model: string) =>
      put(kinds.pipelines, pipelineObject({ stages: [stageOf("tts", model), elsewhere("asr", "llm", "face", "compositor")] }));
    await write("voice-1");
    await says(seen.pipelines, ref, { Resolved: "False ModelUnknown", Ready: "False NotResolved", RolledBack: "False NotRolledBack" });
    await put(kinds.models, await piper("voice-1"));
    await says(seen.pipelines, ref, { Resolved: "True AllFound", Ready: "False StageNotAdmitting" });
    await put(kinds.stagePools, pool("tts-1", "voice-1"));
    await poolSays("tts-1", { admittingReplicas: 1, conditions: [healthy("True", "")] });
    await says(seen.pipelines, ref, { Ready: "True AllStagesAdmit" });

    await put(kinds.models, await piper("voice-2"));
    await write("voice-2");
    const forward = await says(seen.pipelines, ref, { Resolved: "True AllFound", Ready: "False StageNotAdmitting" });
    expect([forward.status?.resolved, forward.status?.previous].map(namesOf)).toEqual(["voice-2", "voice-1"]);
    await put(kinds.stagePools, pool("tts-2", "voice-2"));
    await poolSays("tts-2", { admittingReplicas: 0, conditions: [healthy("False", "exit code 139")] });
    const back = await says(seen.pipelines, ref, { RolledBack: "True ModelCrashLoop", Ready: "True AllStagesAdmit" });
    expect(namesOf(back.status?.resolved)).toBe("voice-1");
    expect(back.status?.conditions?.find(({ type }) => type === "RolledBack")?.message).toContain("exit code 139");

    await put(kinds.models, await piper("voice-3"));
    await write("voice-3");
    const again = await says(seen.pipelines, ref, { RolledBack: "False NotRolledBack", Resolved: "True AllFound" });
    expect([again.status?.resolved, again.status?.previous].map(namesOf)).toEqual(["voice-3", "voice-1"]);
  });
});

const namesOf = (stages: NonNullable<Pipeline["status"]>["resolved"]) =>
  stages?.flatMap(({ models }) => models.map(({ name }) => name)).join();

describe("an Avatar", () => {
  it("is accepted when its asset and pipeline exist", async () => {
    const ref = { namespace: "globex", name: "mara" };
    const avatar = (bundle: string) => ({ ...avatarObject({ bundle, pipelineRef: { name: "other" } }), metadata: ref });
    await put(kinds.avatars, avatar("nobody"));
    await says(observer.seen.avatars, ref, { Accepted: "False BundleUnknown" });
    await put(kinds.avatars, avatar("mara"));
    await says(observer.seen.avatars, ref, { Accepted: "False PipelineUnknown" });
    const pipeline = pipelineObject({ stages: [elsewhere("asr"), elsewhere("tts", "llm", "face", "compositor")] });
    await put(kinds.pipelines, { ...pipeline, metadata: { namespace: "globex", name: "other" } });
    await says(observer.seen.avatars, ref, { Accepted: "True AllFound" });
  });
});

describe("a Site", () => {
  it("of this cluster counts its nodes, and is lost when they are deleted", async () => {
    await put(kinds.sites, siteObject("here", { nodeSelector: { [labels.site]: "here" } }));
    await says(
      observer.seen.sites,
      { name: "here" },
      { Connected: "True ThisCluster", PlanApplied: "True ThisCluster", Lost: "False NotLost" },
    );
    await addNode("here-1", { [labels.site]: "here" });
    await sees(observer.seen.sites, () => (observer.seen.sites.get({ name: "here" })?.status?.nodes === 1 ? true : undefined));
    await observer.api.delete(nodes, { name: "here-1" });
    await says(observer.seen.sites, { name: "here" }, { Lost: "True NodesDeleted" });
  });

  it("of another cluster is what it reports", async () => {
    await put(kinds.sites, siteObject("edge", { tier: "edge", cluster: "edge-1" }));
    await says(observer.seen.sites, { name: "edge" }, { Connected: "Unknown NeverHeard" });
    reported.set("edge", { appliedGeneration: 1, receivedMs: Date.now(), nodes: 4 });
    tellSite("edge");
    await says(observer.seen.sites, { name: "edge" }, { Connected: "True Reporting", PlanApplied: "False Behind" });
    reported.set("edge", { appliedGeneration: 2, receivedMs: Date.now(), nodes: 4 });
    tellSite("edge");
    const site = await says(observer.seen.sites, { name: "edge" }, { PlanApplied: "True Applied" });
    expect(site.status).toMatchObject({ nodes: 4, planGeneration: 2, appliedGeneration: 2 });
    await put(kinds.sites, siteObject("edge", { tier: "edge", cluster: "edge-1", lost: true }));
    await says(observer.seen.sites, { name: "edge" }, { Lost: "True Declared", Connected: "True Reporting" });
  });

  it("that has been silent for 29 seconds is cut off a second later", async () => {
    reported.set("quiet", { appliedGeneration: 2, receivedMs: Date.now() - 28_500, nodes: 1 });
    await put(kinds.sites, siteObject("quiet", { cluster: "edge-2" }));
    await says(observer.seen.sites, { name: "quiet" }, { Connected: "True Reporting" });
    await says(observer.seen.sites, { name: "quiet" }, { Connected: "False Silent", Lost: "False NotLost" });
  });
});

describe("an AcceleratorClass", () => {
  const counts = (name: string, wanted: Readonly<Record<string, number>>) =>
    sees(observer.seen.classes, () => {
      const status = observer.seen.classes.get({ name })?.status;
      return Object.entries(wanted).every(([field, count]) => status?.[field as "nodes"] === count) || undefined;
    });

  it("counts what nodes and ResourceSlices show, and quarantines what is not whole yet", async () => {
    const { seen, api } = observer;
    await put(kinds.acceleratorClasses, classObject("l4", { memoryMebibytes: 24_576, match: { resourceName: "example.com/l4" } }));
    await says(seen.classes, { name: "l4" }, { Matched: "False NoNodes", Quarantined: "False None" });
    await addNode("gpu-1", {}, { "example.com/l4": "4" });
    await says(seen.classes, { name: "l4" }, { Matched: "True NodesFound" });
    await counts("l4", { nodes: 1, devices: 4, allocatableDevices: 4, quarantinedDevices: 0 });
    await api.apply(nodes, { metadata: { name: "gpu-1" }, spec: { unschedulable: true } }, "person");
    await counts("l4", { nodes: 1, devices: 4, allocatableDevices: 0, quarantinedDevices: 0 });

    const match = { driver: "gpu.example.com", deviceClassName: "gpu.example.com" };
    await put(kinds.acceleratorClasses, classObject("dra", { match }));
    await addNode("dra-1", {});
    const slice = (name: string, resourceSliceCount: number) => ({
      metadata: { name },
      spec: {
        driver: "gpu.example.com",
        nodeName: "dra-1",
        pool: { name: "dra-1", generation: 1, resourceSliceCount },
        devices: ["gpu0", "gpu1"].map((device) => ({ name: `${name}-${device}`, capacity: { memory: { value: "80Gi" } } })),
      },
    });
    await api.create(resourceSlices, slice("one", 2) as never, "driver");
    await says(seen.classes, { name: "dra" }, { Matched: "False AllQuarantined", Quarantined: "True PoolIncomplete" });
    await api.create(resourceSlices, slice("two", 2) as never, "driver");
    await says(seen.classes, { name: "dra" }, { Matched: "True NodesFound", Quarantined: "False None" });
    await counts("dra", { nodes: 1, devices: 4, allocatableDevices: 4, quarantinedDevices: 0 });
  });
});

describe("a Tenant", () => {
  it("is accepted when its namespaces are its own, and as soon as they are", async () => {
    const { seen, api } = observer;
    await put(kinds.tenants, tenantObject("acme"));
    await says(seen.tenants, { name: "acme" }, { Accepted: "True AllFound" });
    await put(kinds.tenants, tenantObject("usurper", { namespaces: ["acme"] }));
    await says(seen.tenants, { name: "usurper" }, { Accepted: "False NamespaceTaken" });
    await api.delete(kinds.tenants, { name: "acme" });
    await says(seen.tenants, { name: "usurper" }, { Accepted: "True AllFound" });
    const quotas = [{ pipeline: "acme/none", guaranteed: 0, limit: 1, weight: 1 }];
    await put(kinds.tenants, tenantObject("usurper", { namespaces: ["acme"], quotas }));
    await says(seen.tenants, { name: "usurper" }, { Accepted: "False PipelineUnknown" });
  });

  it("has conditions that are about the generation they name, at every step of many changes", async () => {
    const { seen } = observer;
    const written = new Map<number, string>();
    const wrong: string[] = [];
    const end = seen.tenants.on(({ type, object }) => {
      if (type === "deleted" || object.metadata.name !== "steps") return;
      const { generation = 0 } = object.metadata;
      written.set(generation, object.spec.namespaces.includes("nowhere") ? "False" : "True");
      const accepted = object.status?.conditions?.find((one) => one.type === "Accepted");
      if (!accepted) return;
      if (accepted.observedGeneration !== object.status?.observedGeneration) wrong.push("the condition and the status differ");
      if (accepted.observedGeneration > generation) wrong.push("a generation that is not there yet");
      if (accepted.status !== written.get(accepted.observedGeneration))
        wrong.push(`generation ${accepted.observedGeneration} is ${accepted.status}`);
    });
    for (let step = 0; step < 30; step++) {
      await put(kinds.tenants, tenantObject("steps", { namespaces: step % 2 === 0 ? ["globex"] : ["globex", "nowhere"] }));
    }
    await says(seen.tenants, { name: "steps" }, { Accepted: "False NamespaceUnknown" });
    end();
    expect(wrong).toEqual([]);
    expect(written.size).toBe(30);
  });

  it("of two thousand is accepted, and a new operator that takes over writes nothing", async () => {
    const count = Number(process.env["TROUPE_TEST_TENANTS"] ?? 2000);
    const { seen, api } = observer;
    const isOurs = ({ metadata }: Tenant) => metadata.name.startsWith("many-");
    const isAccepted = ({ status }: Tenant) => status?.conditions?.some((one) => one.type === "Accepted" && one.status === "True") === true;
    const startMs = performance.now();
    const names = Array.from({ length: count }, (_, index) => `many-${index}`);
    await inParallel(names, 16, (name) => api.create(kinds.tenants, { metadata: { name }, spec: { namespaces: [] } }, "person"));
    const createdMs = performance.now();
    let accepted = 0;
    const done = Promise.withResolvers<void>();
    const end = seen.tenants.on(({ type, object, old }) => {
      if (!isOurs(object) || type === "deleted" || !isAccepted(object) || (old && isAccepted(old))) return;
      accepted += 1;
      if (accepted === count) done.resolve();
    });
    await done.promise;
    end();
    const figures = { count, createSeconds: (createdMs - startMs) / 1000, acceptedSeconds: (performance.now() - startMs) / 1000 };
    if (process.env["TROUPE_TEST_TENANTS"])
      process.stderr.write(`${JSON.stringify({ ...figures, rssMebibytes: process.memoryUsage().rss / 2 ** 20 })}\n`);

    const before = await versions();
    const writtenBefore = await statusWrites();
    await operator.stop();
    operator = await startRunningOperator({ kubeconfig: cluster.kubeconfig, namespace, siteReports });
    const reconciled = async () =>
      (await operator.metrics.reconcileSeconds.get()).values.find(
        ({ metricName, labels: { controller } }) => metricName?.endsWith("_count") && controller === "tenant",
      )?.value ?? 0;
    await put(kinds.tenants, tenantObject("after", { namespaces: ["nowhere"] }));
    await says(seen.tenants, { name: "after" }, { Accepted: "False NamespaceUnknown" });
    // The last ones may still be under way: so many run at a time.
    expect(await reconciled()).toBeGreaterThan(count - 12);
    expect(await versions()).toEqual(before);
    expect(await statusWrites()).toBe(writtenBefore + 1);
  }, 600_000);
});

/** Versions of everything that the controllers write to, but the tenant that is new. */
async function versions(): Promise<Readonly<Record<string, string>>> {
  const watched = [kinds.tenants, kinds.pipelines, kinds.models, kinds.avatars, kinds.acceleratorClasses] as readonly Kind[];
  const lists = await Promise.all(watched.map((kind) => observer.api.list(kind)));
  const items = lists.flatMap((list) => list.items).filter((item) => item.metadata.name !== "after");
  return Object.fromEntries(
    items.map(({ kind, metadata }) => [`${kind} ${metadata.namespace} ${metadata.name}`, metadata.resourceVersion ?? ""]),
  );
}

/** How often anybody has written a Tenant's status, by the API server's audit log. */
async function statusWrites(): Promise<number> {
  const lines = (await readFile(cluster.auditLog, "utf8")).split("\n").filter((line) => line.includes('"tenants"'));
  return lines.filter((line) => {
    const { verb, stage, objectRef } = JSON.parse(line);
    return verb === "patch" && stage === "ResponseComplete" && objectRef.subresource === "status";
  }).length;
}
