import { create, toBinary } from "@bufbuild/protobuf";
import { type Bus, createMemoryBroker, infrastructureSubject } from "@troupe/bus";
import { DemandReportSchema } from "@troupe/contracts";
import { apiVersion, kinds, labels, type StagePool, type StagePoolTemplate, stageNames } from "@troupe/kinds";
import { createGrants } from "@troupe/session";
import { type Kwok, startKwok } from "@troupe/testbed";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet } from "../fleet/index.ts";
import {
  builtInKinds,
  createInformer,
  createKubeApi,
  createOperatorMetrics,
  createQueue,
  type KubeApi,
  objectKey,
  runController,
} from "../kube/index.ts";
import { installKinds, quiet as logger, startTestCluster, type TestCluster } from "../kube/testing/cluster.ts";
import { bestFit, createPlanner } from "../plan/index.ts";
import { eventually } from "../testing/eventually.ts";
import {
  createAutoscalerController,
  createFleetSource,
  createPlannerController,
  createPlanStore,
  triggerAutoscaler,
  triggerPlanner,
} from "./index.ts";

// Budget: 45 s. A real API server with scheduler; kwok's nodes; demand over the real messages on a bus in memory. Pods are the test's.
const namespace = "troupe-system";
const namespaced = (name: string) => ({ name, namespace });

let cluster: TestCluster;
let api: KubeApi & AsyncDisposable;
let kwok: Kwok;
let operator: Awaited<ReturnType<typeof startOperator>>;

beforeAll(async () => {
  const { signal } = new AbortController();
  cluster = await startTestCluster();
  await installKinds(cluster);
  api = await createKubeApi({ kubeconfig: cluster.kubeconfig });
  await api.create(builtInKinds.namespaces, { metadata: { name: namespace } }, "test");
  kwok = await startKwok(cluster, { signal });
  await kwok.addFakeNodes(
    2,
    { prefix: "near", labels: { where: "near", gpu: "large" }, capacity: { cpu: "8", memory: "32Gi", "example.com/gpu": "2" } },
    signal,
  );
  await kwok.addFakeNodes(1, { prefix: "far", labels: { where: "far" }, capacity: { cpu: "16", memory: "64Gi" } }, signal);
  await world();
  operator = await startOperator();
}, 60_000);
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await kwok?.close();
  await api?.[Symbol.asyncDispose]();
  await cluster?.close();
});

/** Two sites 20 ms apart; speech recognition on GPUs or CPUs, synthesis on CPUs; both were measured. */
async function world(): Promise<void> {
  const classOf = (name: string, spec: object) => ({ apiVersion, kind: "AcceleratorClass", metadata: { name }, spec });
  const siteOf = (name: string, residency: string[], other: string) => ({
    apiVersion,
    kind: "Site",
    metadata: { name },
    spec: { tier: "cloud", cluster: "", nodeSelector: { where: name }, residency, roundTrips: [{ site: other, milliseconds: 20 }] },
  });
  const modelOf = (name: string, stage: string, needs: object[]) => ({
    apiVersion,
    kind: "Model",
    metadata: { name },
    spec: { stage, manifest: { id: name, sha256: "0".repeat(64) }, needs, licence: "MIT" },
  });
  await cluster.apply([
    classOf("large", {
      kind: "gpu",
      memoryMebibytes: 24_000,
      executionProvider: "cuda",
      match: { nodeLabels: { gpu: "large" }, resourceName: "example.com/gpu" },
      pricePerHourMicros: 900_000,
    }),
    classOf("cpu", { kind: "cpu", executionProvider: "cpu", pricePerHourMicros: 40_000 }),
    siteOf("near", ["eu"], "far"),
    siteOf("far", ["us"], "near"),
    modelOf("ears", "asr", [{ acceleratorClass: "large", memoryMebibytes: 4000, share: { whole: true } }]),
    modelOf("mouth", "tts", [{ acceleratorClass: "cpu", memoryMebibytes: 1000, share: { cpuMillicores: 2000 } }]),
    modelOf("untried", "tts", [{ acceleratorClass: "cpu", memoryMebibytes: 1000, share: { cpuMillicores: 1000 } }]),
  ]);
  const measured = (acceleratorClass: string, sessions: number) => ({
    acceleratorClass,
    image: "troupe:test",
    sessions,
    p95EarlyMilliseconds: 200,
    measuredTime: "2026-11-22T00:00:00Z",
  });
  await modelStatus("ears", [measured("large", 10)]);
  await modelStatus("mouth", [measured("cpu", 4)]);
  await modelStatus("untried", []);
}

const verified = {
  type: "Verified",
  status: "True",
  reason: "Test",
  message: "set by the test",
  observedGeneration: 1,
  lastTransitionTime: "2026-11-22T00:00:00Z",
};
const modelStatus = (name: string, profile: object[]) =>
  api.applyStatus(kinds.models, { metadata: { name }, status: { conditions: [verified], profile } } as never, "test");

async function pipeline(name: string, models: Readonly<Record<string, string>>, spec: object = {}): Promise<void> {
  const stages = stageNames.map((stage) =>
    models[stage] ? { stage, models: [{ model: models[stage] }] } : { stage, endpoint: { url: "https://elsewhere.example" } },
  );
  const object = {
    apiVersion,
    kind: "Pipeline",
    metadata: namespaced(name),
    spec: { stages, objective: { voiceToSoundMilliseconds: 800 }, roundTripLimitMilliseconds: 50, ...spec },
  };
  await cluster.apply([object]);
  const resolved = Object.entries(models).map(([stage, model]) => ({ stage, models: [{ name: model, uid: "test" }] }));
  await api.applyStatus(kinds.pipelines, { metadata: namespaced(name), status: { resolved } } as never, "test");
}

const template = {
  image: "troupe:test",
  tolerations: [],
  resources: { requests: {}, limits: {} },
  startupSeconds: 5,
} as unknown as StagePoolTemplate;

/** Planner and autoscaler with their informers, and a gateway that reports what the test says. */
async function startOperator() {
  const broker = createMemoryBroker(() => systemClock.nowMs());
  const stack = new AsyncDisposableStack();
  const deps = { api, clock: systemClock, logger };
  const pods = stack.use(
    createInformer(deps, builtInKinds.pods, {
      indexes: {
        pool: ({ metadata }) => (metadata.labels?.[labels.pool] ? [`${metadata.namespace}/${metadata.labels[labels.pool]}`] : []),
      },
    }),
  );
  const watched = {
    pods,
    nodes: stack.use(createInformer(deps, builtInKinds.nodes)),
    slices: stack.use(createInformer(deps, builtInKinds.resourceSlices)),
    classes: stack.use(createInformer(deps, kinds.acceleratorClasses)),
    sites: stack.use(createInformer(deps, kinds.sites)),
    models: stack.use(createInformer(deps, kinds.models)),
    pipelines: stack.use(createInformer(deps, kinds.pipelines)),
    tenants: stack.use(createInformer(deps, kinds.tenants)),
    pools: stack.use(createInformer(deps, kinds.stagePools)),
  };
  await Promise.all(Object.values(watched).map(({ synced }) => synced));
  const stop = new AbortController();
  const fleet = stack.use(
    createFleet({ bus: broker.connect(), grants: createGrants(new Uint8Array(32).fill(7)), clock: systemClock }, "near"),
  );
  const gateway = stack.use(reportDemand(broker.connect(), "near"));
  const source = createFleetSource({ all: () => new Map([["near", fleet]]) });
  const store = createPlanStore();
  const metrics = createOperatorMetrics(new Registry());
  let shiftMs = 0;
  const options = {
    ...{ namespace, periodMs: 500, defaultPipeline: `${namespace}/default` },
    templates: Object.fromEntries(stageNames.map((stage) => [stage, template])),
    options: { headroomPercent: 0, maxMoves: 1, minSavingPercent: 20 },
  };
  const planner = createPlannerController(
    { ...deps, ...watched, source, store, planner: createPlanner(bestFit), utcNowMs: () => Date.now() + shiftMs },
    options,
  );
  const autoscaler = createAutoscalerController({ ...deps, pools: watched.pools, source, store }, options);
  const running = [planner, autoscaler].map((controller) => {
    const queue = stack.use(createQueue({ clock: systemClock }));
    stack.defer(controller === planner ? triggerPlanner(watched, queue) : triggerAutoscaler({ pools: watched.pools, store }, queue));
    return runController({ clock: systemClock, logger, metrics }, controller, queue, stop.signal);
  });
  return {
    ...watched,
    store,
    gateway,
    /** Lets that much time pass for pods that wait. */
    shift: (ms: number) => {
      shiftMs += ms;
    },
    poolsOf: (stage: string, site?: string) =>
      watched.pools.list().filter(({ spec }) => spec.members.some((member) => member.stage === stage) && (!site || spec.site === site)),
    placed: (name: string) => watched.pipelines.get(namespaced(name))?.status?.conditions?.find(({ type }) => type === "Placed"),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
      await stack.disposeAsync();
    },
  };
}

/** A gateway's reports, by its real messages: sessions by pipeline. */
function reportDemand(bus: Bus, site: string) {
  const sessions = new Map<string, number>();
  const report = () => {
    const stages = [...sessions].flatMap(([name, active]) =>
      stageNames.map((stage) => ({ pipeline: `${namespace}/${name}`, stage, active, refused: 0 })),
    );
    bus.publish(
      infrastructureSubject(site, "announce", "gateway-1", "demand"),
      toBinary(DemandReportSchema, create(DemandReportSchema, { site, gateway: "gateway-1", stages })),
    );
  };
  const timer = setInterval(report, 200);
  return {
    set(name: string, count: number) {
      sessions.clear();
      if (count > 0) sessions.set(name, count);
      report();
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

describe("the planner", () => {
  it("makes pools for the demand, the autoscaler scales them, and each owns its own fields", async () => {
    await pipeline("talk", { asr: "ears", tts: "mouth" });
    operator.gateway.set("talk", 12);
    await eventually(
      "both stages are scaled",
      () => operator.poolsOf("asr")[0]?.spec.replicas === 2 && operator.poolsOf("tts")[0]?.spec.replicas === 3,
    );
    const [ears] = operator.poolsOf("asr");
    expect(ears?.spec).toMatchObject({ site: "near", acceleratorClass: "large", share: { whole: true }, minReplicas: 0, maxReplicas: 2 });
    const text = await cluster.kubectl(
      "-n",
      namespace,
      "get",
      "stagepool",
      ears?.metadata.name ?? "",
      "-o",
      "json",
      "--show-managed-fields",
    );
    const fields = new Map(
      (JSON.parse(text) as StagePool & Managed).metadata.managedFields.map((one) => [
        `${one.manager}${one.subresource ?? ""}`,
        JSON.stringify(one.fieldsV1),
      ]),
    );
    expect(fields.get("troupe-planner")).toContain("f:maxReplicas");
    // The API server keeps no owner for what the scale subresource wrote; the planner is not it.
    expect(fields.get("troupe-planner")).not.toContain('"f:replicas"');
    await eventually("it says so", () => operator.placed("talk")?.reason === "Placed");
  });

  it("plans elsewhere what a pod that no node takes contradicts", async () => {
    await eventually("the pool is there", () => operator.poolsOf("tts", "near").length + operator.poolsOf("tts", "far").length > 0);
    const [pool] = operator.poolsOf("tts");
    const before = pool?.spec.site;
    const name = `${pool?.metadata.name}-stuck`;
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { ...namespaced(name), labels: { [labels.pool]: pool?.metadata.name } } },
      spec: { nodeSelector: { no: "node" }, containers: [{ name: "tts", image: "troupe:test" }] },
    };
    await cluster.apply([pod]);
    await eventually(
      "the scheduler refuses it",
      () => operator.pods.get(namespaced(name))?.status?.conditions?.some(({ reason }) => reason === "Unschedulable") === true,
    );
    expect(operator.store.current?.plan.unplaced).toEqual([]);
    operator.shift(31_000);
    await eventually("it is planned elsewhere", () =>
      operator.poolsOf("tts").some(({ spec }) => spec.site !== before && spec.replicas === 3),
    );
    expect(operator.store.current?.input.exclusions[0]?.message).toMatch(/found no node for 3\d s .*0\/3 nodes are available/);
    expect(operator.store.current?.plan.unplaced).toEqual([]);
    await cluster.kubectl("-n", namespace, "delete", "pod", name, "--force");
  });

  it("says on the pipeline why its sessions have no place", async () => {
    await pipeline("homely", { asr: "ears" }, { residency: ["us"] });
    operator.gateway.set("homely", 3);
    await eventually("it says so", () => operator.placed("homely")?.status === "False");
    expect(operator.placed("homely")).toMatchObject({
      reason: "NoMatchingClass",
      message: expect.stringContaining("no machine of class large at far"),
    });
  });

  it("lets one replica measure what nobody has measured, and plans once it has", async () => {
    await pipeline("new", { tts: "untried" });
    operator.gateway.set("new", 6);
    const pool = () => operator.pools.list().find(({ spec }) => spec.members.some(({ models }) => models.includes("untried")));
    await eventually("one measures", () => pool()?.spec.replicas === 1);
    await eventually("the reason is said", () => operator.placed("new")?.reason === "NotProfiled");
    expect(pool()?.spec).toMatchObject({ minReplicas: 1, maxReplicas: 1 });
    await modelStatus("untried", [
      { acceleratorClass: "cpu", image: "troupe:test", sessions: 3, p95EarlyMilliseconds: 150, measuredTime: "2026-11-22T00:00:00Z" },
    ]);
    await eventually("all have a place", () => operator.placed("new")?.reason === "Placed" && pool()?.spec.replicas === 2);
  });

  it("deletes the pools that nobody needs any more, and leaves those of people alone", async () => {
    const [pool] = operator.pools.list();
    const spec = { ...pool?.spec, minReplicas: 0, maxReplicas: 5, replicas: 0 };
    await api.create(kinds.stagePools, { apiVersion, kind: "StagePool", metadata: namespaced("by-hand"), spec } as never, "somebody");
    operator.gateway.set("talk", 0);
    await eventually("they are gone", () => operator.pools.list().every(({ metadata }) => metadata.name === "by-hand"));
    expect(operator.pools.list().map(objectKey)).toEqual([`${namespace}/by-hand`]);
    expect(operator.pools.list()[0]?.spec).toMatchObject({ maxReplicas: 5 });
    await eventually("the pipeline says so", () => operator.placed("talk")?.reason === "NoDemand");
  });
});

interface Managed {
  readonly metadata: {
    readonly managedFields: readonly { readonly manager: string; readonly subresource?: string; readonly fieldsV1: unknown }[];
  };
}
