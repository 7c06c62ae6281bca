import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { hashApiKey, newApiKey, writeKeysFile } from "@troupe/gateway";
import { apiVersion, type StageName, type StagePool, type StagePoolMember, stageNames } from "@troupe/kinds";
import {
  type ControlPlane,
  folderVolume,
  type PlatformImage,
  programImage,
  startControlPlane,
  startModelMirror,
  startNode,
  type TestbedNode,
} from "@troupe/testbed";
import { chart, createHelm, namespace } from "../../../charts/testing/helm.ts";
import { packageOlderChart } from "../../../charts/testing/older-chart.ts";
import { isSettled } from "../rig/is-settled.ts";
import { type Observed, type Observer, observe } from "../rig/observer.ts";
import { need, until } from "../rig/until.ts";

export { namespace };

/** What the pool of each stage runs, the processor that a replica asks for, and the most that it gets. */
export type PoolMembers = Readonly<Record<StageName, PoolMember>>;

export interface PoolMember extends Omit<StagePoolMember, "stage"> {
  readonly cpuMillicores: number;
  readonly limitMillicores: number;
}

export interface ObservedPod extends Observed {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly containerStatuses?: readonly { readonly containerID: string }[] };
}

/** Two real nodes with Troupe as the chart installs it, a key for its gateways, and pools made by hand. */
export interface RealCluster extends AsyncDisposable {
  readonly control: ControlPlane;
  readonly nodes: readonly TestbedNode[];
  /** Of the gateways' Service, as people reach it. */
  readonly url: string;
  readonly apiKey: string;
  readonly pods: Observer<ObservedPod>;
  readonly pools: Observer<StagePool>;
  /** Removes the pools that there are and makes one a stage, with a replica each; waits until all admit. */
  makePools(members: PoolMembers): Promise<void>;
  /** @param change of the spec */
  patchPool(stage: StageName, change: object): Promise<void>;
  scale(stage: StageName, replicas: number): Promise<void>;
  /** Waits until the pools are as they are wanted. @throws ServiceError DEADLINE */
  settled(stages?: readonly StageName[]): Promise<void>;
  /** `helm upgrade` to this checkout's chart and image. */
  upgradeChart(): Promise<void>;
}

export interface RealClusterOptions {
  /** What runs at first, in the pools too. */
  readonly older: PlatformImage;
  /** What the chart is upgraded to. */
  readonly image: PlatformImage;
  /** Seats of each replica. */
  readonly maxSessions: number;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
}

const collection = `/apis/troupe.dev/v1alpha1/namespaces/${namespace}/stagepools`;
const settleMs = 120_000;
const models = ["whisper-tiny-en", "e5-multilingual", "hibari-en", "mouth-net", "noto-sans-sc"];

/** Processes that start compile for seconds: without limits they would have both cores, and those that serve none. */
const processor = (request: string, limit: string) => ({
  requests: { cpu: request, memory: "256Mi" },
  limits: { cpu: limit, memory: "1Gi" },
});

/** Installs the chart as it was one release ago, so that it can be upgraded. */
export async function startRealCluster({ older, image, maxSessions, signal, step }: RealClusterOptions): Promise<RealCluster> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "troupe-nodes-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const control = stack.use(await startControlPlane({ nodes: true, signal, log: step }));
  const options = { ...control.environment, signal, log: step };
  const images = [older, image, await programImage("nats-server", options)];
  const one = stack.use(await startNode(control, { name: "one", images, signal }));
  const two = stack.use(await startNode(control, { name: "two", images, signal }));
  step("two nodes are ready");
  const mirror = stack.use(await startModelMirror(control));
  const apiKey = await makeKey(control, folder);
  await control.apply([await folderVolume(one, "nats", 10)]);
  const helm = await createHelm(folder, control.kubeconfig);
  const valuesFile = join(folder, "values.json");
  const values = (tag: string) => ({
    image: { repository: "localhost/troupe", tag, pullPolicy: "Never" },
    nats: { image: { repository: "localhost/nats-server", tag: "testbed", pullPolicy: "Never" } },
    models: { mirror: mirror.url },
    gateway: { http: { keysSecret: "keys" }, service: { type: "NodePort" }, resources: processor("200m", "700m") },
    operator: { resources: processor("100m", "200m") },
    pools: {
      extraEnv: [
        { name: "TROUPE_CALIBRATE", value: "off" },
        { name: "TROUPE_MAX_SESSIONS", value: `${maxSessions}` },
        // As long as what is asked, so that stubs find a question complete as soon as it is.
        { name: "TROUPE_STUB_TEXT", value: "Where is the coffee shop?" },
      ],
    },
    defaultModels: { only: models },
    defaultPipeline: { enabled: false },
  });
  const install = async (verb: "install" | "upgrade", source: string, { reference }: PlatformImage) => {
    await writeFile(valuesFile, JSON.stringify(values(reference.slice(reference.lastIndexOf(":") + 1))));
    await helm.run(verb, "troupe", source, "--namespace", namespace, "--values", valuesFile, "--wait", "--timeout", "300s");
  };
  await install("install", await packageOlderChart(helm, folder), older);
  step("the chart is installed");
  const pods = stack.use(await observe<ObservedPod>(control, `/api/v1/namespaces/${namespace}/pods`, signal));
  const pools = stack.use(await observe<StagePool>(control, collection, signal));
  const { spec } = await control.api.request<{ spec: { ports: { name: string; nodePort: number }[] } }>(
    {
      path: `/api/v1/namespaces/${namespace}/services/troupe-gateway`,
    },
    signal,
  );
  const port = spec.ports.find(({ name }) => name === "http")?.nodePort;
  const held = stack.move();
  return {
    control,
    nodes: [one, two],
    url: `http://${one.address}:${port}`,
    apiKey,
    pods,
    pools,
    ...poolActions({ control, pools, image: older, signal }),
    upgradeChart: () => install("upgrade", chart, image),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function makeKey(control: ControlPlane, folder: string): Promise<string> {
  const key = newApiKey();
  const path = join(folder, "keys.json");
  const stored = { id: key.id, tenant: "callers", hash: hashApiKey(key), created: new Date().toISOString() };
  await writeKeysFile(path, [{ ...stored, limits: {}, motionOnly: false, origins: [] }]);
  await control.apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "keys", namespace },
      stringData: { "keys.json": await readFile(path, "utf8") },
    },
  ]);
  return key.text;
}

interface PoolDeps {
  readonly control: ControlPlane;
  readonly pools: Observer<StagePool>;
  readonly image: PlatformImage;
  readonly signal: AbortSignal;
}

function poolActions({ control, pools, image, signal }: PoolDeps) {
  const merge = "application/merge-patch+json";
  async function patchPool(stage: StageName, change: object): Promise<void> {
    await control.api.request({ method: "PATCH", path: `${collection}/${stage}`, body: { spec: change }, contentType: merge }, signal);
    const generation = (await control.api.request<StagePool>({ path: `${collection}/${stage}` }, signal)).metadata.generation ?? 0;
    await need(`the change of pool ${stage} is seen`, () => (pools.get(stage)?.metadata.generation ?? 0) >= generation, { signal });
  }
  const hasSettled = (stage: StageName) => isSettled(pools.get(stage), pools.get(stage)?.spec.replicas ?? 0);
  async function settled(stages: readonly StageName[] = stageNames): Promise<void> {
    if (await until(() => stages.every(hasSettled), { signal, timeoutMs: settleMs })) return;
    const unsettled = stages.filter((stage) => !hasSettled(stage)).map((stage) => `${stage} ${JSON.stringify(pools.get(stage)?.status)}`);
    throw new ServiceError("DEADLINE", `pools did not settle: ${unsettled.join("; ")}`);
  }

  return {
    patchPool,
    settled,
    scale: (stage: StageName, replicas: number) => patchPool(stage, { replicas }),
    async makePools(members: PoolMembers): Promise<void> {
      for (const { metadata } of pools.list())
        await control.api.request({ method: "DELETE", path: `${collection}/${metadata.name}` }, signal);
      await need("the pools before are gone", () => pools.list().length === 0, { signal });
      const path = `/api/v1/namespaces/${namespace}/configmaps/troupe-pool-templates`;
      const { data } = await control.api.request<{ data: { "pool-templates.json": string } }>({ path }, signal);
      const templates = JSON.parse(data["pool-templates.json"]) as Record<StageName, object>;
      for (const stage of stageNames) {
        const { cpuMillicores, limitMillicores, ...member } = members[stage];
        const spec = {
          members: [{ stage, ...member }],
          acceleratorClass: "cpu",
          site: "main",
          share: { cpuMillicores },
          minReplicas: 0,
          maxReplicas: 3,
          template: {
            ...templates[stage],
            image: image.reference,
            resources: { limits: { cpu: `${limitMillicores}m` } },
          },
        };
        await control.api.request(
          { method: "POST", path: collection, body: { apiVersion, kind: "StagePool", metadata: { name: stage, namespace }, spec } },
          signal,
        );
        await patchPool(stage, { replicas: 1 });
      }
      await settled();
    },
  };
}
