import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createMemoryBroker } from "@troupe/bus";
import { kinds, labels, type Site, type StagePool } from "@troupe/kinds";
import { createGrants } from "@troupe/session";
import { type Kwok, startKwok } from "@troupe/testbed";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFleet } from "../fleet/index.ts";
import {
  builtInKinds,
  createExpectations,
  createInformer,
  createKubeApi,
  createOperatorMetrics,
  createQueue,
  type KubeApi,
  runController,
} from "../kube/index.ts";
import { quiet as logger, startTestCluster, type TestCluster } from "../kube/testing/cluster.ts";
import { eventually } from "../testing/eventually.ts";
import { simulateGateway } from "../testing/simulated-gateway.ts";
import { simulateReplicas } from "../testing/simulated-replicas.ts";
import { createStagePoolController, poolKeyOf, triggerPools } from "./index.ts";

// Budget: 60 s. A real API server, scheduler and controllers; nodes and kubelets are simulated by kwok, replicas by the real runtime.
const crds = join(import.meta.dirname, "../../../libs/kinds/crds");
const grants = createGrants(new Uint8Array(32).fill(7));
const site = "local";
const namespace = "troupe-system";

let cluster: TestCluster;
let api: KubeApi & AsyncDisposable;
let kwok: Kwok;

beforeAll(async () => {
  cluster = await startTestCluster();
  for (const file of await readdir(crds)) if (file.endsWith(".yaml")) await cluster.apply(await readFile(join(crds, file), "utf8"));
  await cluster.kubectl("wait", "--for=condition=Established", "--all", "crd");
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
  await Promise.all([pods, pools, nodes, budgets, sites, classes, models].map((informer) => informer.synced));
  stack.use(simulateReplicas({ pods, grants, clock: systemClock, logger, connect: () => broker.connect() }, { site, maxSessions: 4 }));
  const gateway = stack.use(simulateGateway({ bus: broker.connect(), grants, clock: systemClock, logger }, { site, owner: "gateway-1" }));
  let made = 0;
  const suffix = () => `t${(made++).toString(36).padStart(4, "0")}`;
  /** All that an operator has in memory begins anew with each. */
  const startOperator = () => {
    const stop = new AbortController();
    const fleet = createFleet({ bus: broker.connect(), grants, clock: systemClock }, site);
    const expectations = createExpectations({ clock: systemClock });
    const queue = createQueue({ clock: systemClock });
    const deps = { api, pools, pods, nodes, sites, classes, models, budgets, fleet, expectations, logger, utcNowMs: Date.now, suffix };
    const controller = createStagePoolController(deps, { site, drainTaints: [] });
    const endTriggers = triggerPools({ pools, pods, nodes, sites, fleet, expectations }, queue);
    const running = runController({ clock: systemClock, logger, metrics }, controller, queue, stop.signal);
    return async () => {
      stop.abort();
      await running;
      endTriggers();
      queue[Symbol.dispose]();
      fleet[Symbol.dispose]();
    };
  };
  let stopOperator = startOperator();
  const pool = (name: string) => pools.get({ namespace, name });
  const podsOf = (name: string) => pods.byIndex("pool", `${namespace}/${name}`);
  return {
    gateway,
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

const stages = ["asr", "llm", "tts", "face", "compositor"] as const;

/** A pack of all five stages, so that a session has one pod. */
async function createPool(name: string, replicas: number): Promise<void> {
  const spec = {
    members: stages.map((stage) => ({ stage, backend: "stub" })),
    acceleratorClass: "cpu",
    site,
    share: { cpuMillicores: 500 },
    minReplicas: 0,
    maxReplicas: 10,
    template: { image: "troupe:test" },
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
    await cluster.kubectl(
      "-n",
      namespace,
      "patch",
      "stagepool",
      name,
      "--type=merge",
      "-p",
      '{"spec":{"template":{"image":"troupe:next"}}}',
    );
    const rolled = () => {
      const status = rig.pool(name)?.status;
      return status?.updateRevision !== first && status?.updatedReplicas === 2 && status.replicas === 2 && status.admittingReplicas === 2;
    };
    await eventually("both are new", rolled, 40_000);
    expect(rig.podsOf(name).map((pod) => pod.spec?.containers[0]?.image)).toEqual(["troupe:next", "troupe:next"]);
    expect(rig.gateway.log.lost).toEqual([]);
    expect(rig.gateway.sessions).toBe(4);
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
