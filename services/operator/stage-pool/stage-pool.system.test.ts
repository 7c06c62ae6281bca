import { createMemoryBroker } from "@troupe/bus";
import { kinds, labels, type Site, type StagePool } from "@troupe/kinds";
import { createGrants } from "@troupe/session";
import { type Kwok, startKwok } from "@troupe/testbed";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  builtInKinds,
  createExpectations,
  createInformer,
  createKubeApi,
  createOperatorMetrics,
  createQueue,
  type KubeApi,
  type Pod,
  runController,
} from "../kube/index.ts";
import { installKinds, quiet as logger, startTestCluster, type TestCluster } from "../kube/testing/cluster.ts";
import { createLocalFleets } from "../sites/index.ts";
import { eventually } from "../testing/eventually.ts";
import { simulateGateway } from "../testing/simulated-gateway.ts";
import { simulateReplicas } from "../testing/simulated-replicas.ts";
import { createStagePoolController, poolKeyOf, triggerPools } from "./index.ts";

// Budget: 60 s. A real API server, scheduler and controllers; nodes and kubelets are simulated by kwok, replicas by the real runtime.
const grants = createGrants(new Uint8Array(32).fill(7));
const site = "local";
const namespace = "troupe-system";

let cluster: TestCluster;
let api: KubeApi & AsyncDisposable;
let kwok: Kwok;

beforeAll(async () => {
  cluster = await startTestCluster();
  await installKinds(cluster);
  api = await createKubeApi({ kubeconfig: cluster.kubeconfig });
  await api.create(builtInKinds.namespaces, { metadata: { name: namespace } }, "test");
  await api.create(kinds.sites, { metadata: { name: site }, spec: { tier: "cloud" } } as unknown as Site, "test");
  await cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
  const { signal } = new AbortController();
  kwok = await startKwok(cluster, { signal });
  await kwok.addFakeNodes(3, { prefix: "node" }, signal);
}, 60_000);
afterAll(async () => {
  await kwok?.close();
  await api?.[Symbol.asyncDispose]();
  await cluster?.close();
});

/** The stage-pool controller with its informers, the replicas of the pods, and a gateway. */
async function startRig(of: string) {
  const broker = createMemoryBroker(() => systemClock.nowMs());
  const metrics = createOperatorMetrics(new Registry());
  const stack = new AsyncDisposableStack();
  const informerDeps = { api, clock: systemClock, logger };
  const pods = stack.use(
    createInformer(informerDeps, builtInKinds.pods, {
      namespace,
      labelSelector: `${labels.pool}=${of}`,
      indexes: {
        pool: (pod) => [poolKeyOf(pod) ?? ""],
        node: (pod) => [pod.spec?.nodeName ?? ""],
      },
    }),
  );
  const pools = stack.use(createInformer(informerDeps, kinds.stagePools, { namespace }));
  const nodes = stack.use(createInformer(informerDeps, builtInKinds.nodes));
  const budgets = stack.use(createInformer(informerDeps, builtInKinds.podDisruptionBudgets, { namespace }));
  const sites = stack.use(createInformer(informerDeps, kinds.sites));
  const classes = stack.use(createInformer(informerDeps, kinds.acceleratorClasses));
  const models = stack.use(createInformer(informerDeps, kinds.models));
  const revisions = stack.use(
    createInformer(informerDeps, builtInKinds.controllerRevisions, { namespace, indexes: { pool: (one) => [poolKeyOf(one) ?? ""] } }),
  );
  await Promise.all([pods, pools, nodes, budgets, revisions, sites, classes, models].map((informer) => informer.synced));
  stack.use(simulateReplicas({ pods, grants, clock: systemClock, logger, connect: () => broker.connect() }, { site, maxSessions: 4 }));
  const gatewayAt = (of: string) =>
    simulateGateway({ bus: broker.connect(), grants, clock: systemClock, logger }, { site: of, owner: `gateway-${of}` });
  const gateway = stack.use(gatewayAt(site));
  let made = 0;
  const suffix = () => `t${(made++).toString(36).padStart(4, "0")}`;
  /** All that an operator has in memory begins anew with each. */
  const startOperator = () => {
    const stop = new AbortController();
    const fleets = createLocalFleets({ bus: broker.connect(), grants, clock: systemClock, sites }, site);
    const expectations = createExpectations({ clock: systemClock });
    const queue = createQueue({ clock: systemClock });
    const deps = {
      api,
      pools,
      pods,
      nodes,
      sites,
      classes,
      models,
      budgets,
      revisions,
      fleets,
      expectations,
      logger,
      utcNowMs: Date.now,
      suffix,
    };
    const controller = createStagePoolController(deps, { drainTaints: [] });
    const endTriggers = triggerPools({ pools, pods, nodes, sites, classes, fleets, expectations }, queue);
    const running = runController({ clock: systemClock, logger, metrics }, controller, queue, stop.signal);
    return async () => {
      stop.abort();
      await running;
      endTriggers();
      queue[Symbol.dispose]();
      fleets[Symbol.dispose]();
    };
  };
  let stopOperator = startOperator();
  const pool = (name: string) => pools.get({ namespace, name });
  const podsOf = (name: string) => pods.byIndex("pool", `${namespace}/${name}`);
  return {
    gateway,
    gatewayAt,
    revisions,
    async restartOperator() {
      await stopOperator();
      stopOperator = startOperator();
    },
    pool,
    podsOf,
    pods,
    condition: (name: string, type: string) => pool(name)?.status?.conditions?.find((condition) => condition.type === type),
    async [Symbol.asyncDispose]() {
      await stopOperator();
      await stack.disposeAsync();
    },
  };
}

const patch = (name: string, spec: object) => ["-n", namespace, "patch", "stagepool", name, "--type=merge", "-p", JSON.stringify({ spec })];

const deviceResource = "example.org/device";
const deviceClass = (name: string, match: object) => ({
  apiVersion: "troupe.dev/v1alpha1",
  kind: "AcceleratorClass",
  metadata: { name },
  spec: { kind: "gpu", memoryMebibytes: 1024, executionProvider: "cuda", match },
});
const two = [
  { stage: "tts", backend: "stub" },
  { stage: "face", backend: "stub" },
];

const stages = ["asr", "llm", "tts", "face", "compositor"] as const;

/** A pack of all five stages, so that a session has one pod. */
async function createPool(name: string, replicas: number, change: object = {}): Promise<void> {
  const spec = {
    members: stages.map((stage) => ({ stage, backend: "stub" })),
    acceleratorClass: "cpu",
    site,
    share: { cpuMillicores: 500 },
    minReplicas: 0,
    maxReplicas: 10,
    template: { image: "troupe:test" },
    ...change,
  };
  const object = { apiVersion: "troupe.dev/v1alpha1", kind: "StagePool", metadata: { name, namespace }, spec } as const;
  await api.create(kinds.stagePools, object as unknown as StagePool, "test");
  await scale(name, replicas);
}

const scale = (name: string, replicas: number) => api.scale(kinds.stagePools, { name, namespace }, replicas, "autoscaler");

describe("the pods of a pool", () => {
  let rig: Awaited<ReturnType<typeof startRig>>;
  let name = "";
  let count = 0;
  beforeEach(async () => {
    name = `pool-${++count}`;
    rig = await startRig(name);
  });
  afterEach(async () => {
    await api.delete(kinds.stagePools, { name, namespace });
    await rig[Symbol.asyncDispose]();
  });
  const admitting = (replicas: number) =>
    eventually(`${replicas} replicas admit`, () => rig.pool(name)?.status?.admittingReplicas === replicas);

  it("are as many as wanted, admitted by the restricted standard, and the pool says so", async () => {
    await createPool(name, 2);
    await admitting(2);
    await eventually("it has settled", () => rig.condition(name, "Progressing")?.reason === "Settled");
    expect(rig.pool(name)?.status).toMatchObject({ replicas: 2, readyReplicas: 2, updatedReplicas: 2, drainingReplicas: 0 });
    expect(rig.condition(name, "Available")).toMatchObject({ status: "True", reason: "Admitting" });
    expect(rig.condition(name, "Healthy")).toMatchObject({ status: "True", observedGeneration: rig.pool(name)?.metadata.generation });
  });

  it("are taken away only when their sessions have moved", async () => {
    await createPool(name, 3);
    await admitting(3);
    const sessions = await Promise.all(Array.from({ length: 4 }, (_, index) => rig.gateway.open(`s${index}`)));
    await scale(name, 1);
    await eventually("one pod is left", () => rig.podsOf(name).length === 1);
    await eventually("its status says so", () => rig.pool(name)?.status?.replicas === 1);
    const [left] = rig.podsOf(name);
    for (const session of sessions)
      for (const stage of stages) expect(session.binding(stage)?.replica).toBe(`${left?.metadata.name}-${stage}`);
    expect(rig.gateway.log.lost).toEqual([]);
  });

  it("wait with their sessions where nobody else has a seat", async () => {
    await createPool(name, 2);
    await admitting(2);
    await Promise.all(Array.from({ length: 6 }, (_, index) => rig.gateway.open(`s${index}`)));
    await scale(name, 1);
    await eventually("one drains", () => rig.pool(name)?.status?.drainingReplicas === 1);
    await eventually("its sessions are told", () => rig.condition(name, "Progressing")?.reason === "Draining");
    expect(rig.podsOf(name)).toHaveLength(2);
    expect(rig.gateway.log.lost).toEqual([]);
    expect(rig.condition(name, "Progressing")?.message).toMatch(/ScaleDown, [1-4] sessions/);
  });

  it("roll to a new template one after the other, and no session is lost", async () => {
    await createPool(name, 2);
    await admitting(2);
    const first = rig.pool(name)?.status?.updateRevision;
    await Promise.all(Array.from({ length: 4 }, (_, index) => rig.gateway.open(`s${index}`)));
    await cluster.kubectl(...patch(name, { template: { image: "troupe:next" } }));
    const rolled = () => {
      const status = rig.pool(name)?.status;
      return status?.updateRevision !== first && status?.updatedReplicas === 2 && status.replicas === 2 && status.admittingReplicas === 2;
    };
    await eventually("both are new", rolled, 40_000);
    await eventually("the old ones are gone", () => rig.podsOf(name).length === 2);
    expect(rig.podsOf(name).map((pod) => pod.spec?.containers[0]?.image)).toEqual(["troupe:next", "troupe:next"]);
    expect(rig.gateway.log.lost).toEqual([]);
    expect(rig.gateway.sessions).toBe(4);
  });

  it("of several stages share a device in one container, and wait where no device is free", async () => {
    const [node] = await kwok.addFakeNodes(1, { prefix: "device", capacity: { [deviceResource]: "1" } }, new AbortController().signal);
    await createPool(name, 1, { members: two, acceleratorClass: "device", share: { whole: true } });
    await eventually("it waits for its class", () => rig.condition(name, "Progressing")?.reason === "ClassUnknown");
    expect(rig.podsOf(name)).toEqual([]);
    await cluster.apply([deviceClass("device", { resourceName: deviceResource })]);
    await admitting(1);
    const [pod] = rig.podsOf(name);
    expect(pod?.spec).toMatchObject({
      nodeName: node,
      containers: [{ name: "tts-face", resources: { limits: { [deviceResource]: "1" } } }],
    });
    await scale(name, 2);
    const isWaiting = ({ status }: Pod) => status?.conditions?.some(({ reason }) => reason === "Unschedulable") === true;
    await eventually("the second waits", () => rig.podsOf(name).some(isWaiting));
    expect(rig.pool(name)?.status).toMatchObject({ admittingReplicas: 1 });
  });

  it("of several stages share a claim of a device that a driver would allocate", async () => {
    await cluster.apply([deviceClass("claimed", { deviceClassName: "device.example.org" })]);
    await createPool(name, 1, { members: two, acceleratorClass: "claimed", share: { whole: true } });
    const claims = async () => (await api.list(builtInKinds.resourceClaims, { namespace })).items;
    await eventually("its pod has a claim", async () => (await claims()).some(({ spec }) => spec?.devices !== undefined));
    const [pod] = rig.podsOf(name);
    expect(pod?.spec?.containers.map((one) => [one.name, one.resources?.claims])).toEqual([
      ["tts", [{ name: "device" }]],
      ["face", [{ name: "device" }]],
    ]);
    const [claim] = await claims();
    expect(claim?.spec?.devices?.requests).toMatchObject([{ exactly: { deviceClassName: "device.example.org", count: 1 } }]);
  });

  it("of another site in this cluster are heard, and drained, too", async () => {
    await cluster.kubectl("label", "node", "node-0", "room=hall");
    const spec = { tier: "edge", nodeSelector: { room: "hall" } };
    await api.create(kinds.sites, { metadata: { name: "hall" }, spec } as unknown as Site, "test");
    await createPool(name, 2, { site: "hall" });
    await admitting(2);
    await using gateway = rig.gatewayAt("hall");
    await eventually("the gateway hears them", () => gateway.registry.all().length === 2 * stages.length);
    const sessions = await Promise.all(Array.from({ length: 4 }, (_, index) => gateway.open(`s${index}`)));
    await scale(name, 1);
    await eventually("one pod is left", () => rig.podsOf(name).length === 1);
    const [left] = rig.podsOf(name);
    expect(left?.spec?.nodeName).toBe("node-0");
    for (const session of sessions) expect(session.binding("llm")?.replica).toBe(`${left?.metadata.name}-llm`);
    expect(gateway.log.lost).toEqual([]);
  });

  it("leave records of their templates, as many as the pool keeps beside those in use", async () => {
    const record = (revision = "") => `${name}-${revision}`;
    const records = () => rig.revisions.byIndex("pool", `${namespace}/${name}`).map(({ metadata }) => metadata.name);
    await createPool(name, 0, { revisionHistoryLimit: 1 });
    const revisions: string[] = [];
    for (const image of ["", "troupe:1", "troupe:2", "troupe:3"]) {
      if (image) await cluster.kubectl(...patch(name, { template: { image } }));
      const newest = () => rig.pool(name)?.status?.updateRevision ?? "";
      await eventually("it is recorded", () => !revisions.includes(newest()) && records().includes(record(newest())));
      revisions.push(newest());
    }
    // The first is what a person would go back to: no pod has replaced it.
    const [first, , third, last] = revisions;
    await eventually("one has gone", () => records().length === 3);
    expect(records().toSorted()).toEqual([first, third, last].map(record).toSorted());
  });

  it("leave a cordoned node, and an eviction of one with sessions is refused", async () => {
    await createPool(name, 2);
    await admitting(2);
    const session = await rig.gateway.open("s1");
    const pod = rig.podsOf(name).find(({ metadata }) => session.binding("llm")?.replica.startsWith(metadata.name));
    await expect(api.evict({ namespace, name: pod?.metadata.name ?? "" })).rejects.toMatchObject({ reason: "EVICTION_REFUSED" });
    await cluster.kubectl("cordon", pod?.spec?.nodeName ?? "");
    try {
      await eventually("the pod has gone", () => !rig.podsOf(name).some(({ metadata }) => metadata.uid === pod?.metadata.uid), 30_000);
      await admitting(2);
      expect(rig.gateway.log.lost).toEqual([]);
      expect(session.binding("llm")?.replica.startsWith(pod?.metadata.name ?? "")).toBe(false);
    } finally {
      await cluster.kubectl("uncordon", pod?.spec?.nodeName ?? "");
    }
  });

  it("that named a victim go on draining under an operator that starts anew", async () => {
    await createPool(name, 2);
    await admitting(2);
    const sessions = await Promise.all(Array.from({ length: 6 }, (_, index) => rig.gateway.open(`s${index}`)));
    await scale(name, 1);
    await eventually("one drains", () => rig.pool(name)?.status?.drainingReplicas === 1);
    await rig.restartOperator();
    const victim = rig.podsOf(name).find(({ metadata }) => metadata.annotations?.["troupe.dev/draining"]);
    await Promise.all(sessions.slice(0, 3).map((session) => rig.gateway.end(session)));
    await eventually("the victim has gone", () => !rig.podsOf(name).some(({ metadata }) => metadata.uid === victim?.metadata.uid), 20_000);
    expect(rig.gateway.log.lost).toEqual([]);
  });
});
