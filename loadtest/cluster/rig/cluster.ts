import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemNamespace } from "@troupe/kinds";
import { type ControlPlane, type Kwok, startControlPlane, startKwok } from "@troupe/testbed";
import { type NatsServer, startNatsServer } from "@troupe/testkit";
import type { GatewayConfig, ReplicasConfig } from "../simulation/config.ts";
import type { SimulationStatus } from "../simulation/status.ts";
import { type Child, root, startChild } from "./child.ts";

/** Name of the site all simulated replicas and gateways belong to. */
export const site = "local";
export const namespace = systemNamespace;
const grantKey = "cluster-measurement-0123456789-abcdef";
const leaseSeconds = 5;

/** A real control plane with its audit log, our kinds, simulated nodes, and a real NATS server. What is started in it ends with it. */
export interface Cluster extends AsyncDisposable {
  readonly control: ControlPlane;
  readonly nats: NatsServer;
  readonly kwok: Kwok;
  /** Logs of what is started here. */
  readonly folder: string;
  /** The operator as people run it: `node services/operator/main.ts`, as user "troupe-operator". */
  startOperator(env?: Readonly<Record<string, string>>): Promise<Child>;
  /** Processes that stand in for those of the pods on simulated nodes. */
  startReplicas(name: string, options: Pick<ReplicasConfig, "maxSessions" | "nodes">): Promise<Child<SimulationStatus>>;
  startGateway(name: string, options: Pick<GatewayConfig, "seed" | "log" | "meanLifeMs" | "moveChance">): Child<GatewayStatus>;
  start(name: string, program: string, config: object): Child;
  /** A kubeconfig whose requests are of that user in the audit log, with all rights. */
  kubeconfigOf(user: string): Promise<string>;
}

export interface GatewayStatus extends SimulationStatus {
  readonly sessions: number;
  readonly opened: number;
  readonly refused: number;
  readonly moved: number;
  readonly lost: number;
}

export const operatorUser = "troupe-operator";

export interface ClusterOptions {
  readonly nodes: number;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
}

export async function startCluster({ nodes, signal, step }: ClusterOptions): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const control = stack.use(await startControlPlane({ signal, audit: true, log: step }));
  const nats = stack.use(await startNatsServer());
  await applyKinds(control);
  const kwok = stack.use(await startKwok(control, { signal }));
  if (nodes > 0) await kwok.addFakeNodes(nodes, { prefix: "node" }, signal);
  const folder = join(control.stateFolder, "measurement");
  await mkdir(folder, { recursive: true });
  step(`control plane with ${nodes} simulated nodes runs`);

  async function kubeconfigOf(user: string): Promise<string> {
    const path = join(folder, `${user}.kubeconfig`);
    const config = JSON.parse(await readFile(control.kubeconfig, "utf8")) as { users: { user: Record<string, unknown> }[] };
    for (const one of config.users) one.user["as"] = user;
    await writeFile(path, JSON.stringify(config));
    await control.apply([
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: user },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ kind: "User", name: user, apiGroup: "rbac.authorization.k8s.io" }],
      },
    ]);
    return path;
  }

  const held = stack.move();
  const start = <Status>(name: string, program: string, config: object): Child<Status> =>
    held.use(startChild<Status>({ name, program, arguments: [JSON.stringify(config)], logFolder: folder }));
  const common = { natsUrl: nats.url, site, grantKey };
  let operators = 0;
  return {
    control,
    nats,
    kwok,
    folder,
    async startOperator(more = {}) {
      const env = {
        TROUPE_KUBECONFIG: await kubeconfigOf(operatorUser),
        TROUPE_NATS_URL: nats.url,
        TROUPE_SITE: site,
        TROUPE_NAMESPACE: namespace,
        TROUPE_GRANT_KEY: grantKey,
        TROUPE_LOG_LEVEL: "info",
        TROUPE_LEASE_SECONDS: String(leaseSeconds),
        TROUPE_REPLICA: `operator-${++operators}`,
        ...more,
      };
      return held.use(startChild({ name: "operator", program: "services/operator/main.ts", env, logFolder: folder }));
    },
    startReplicas: async (name, options) =>
      start<SimulationStatus>(name, "loadtest/cluster/simulation/replicas.ts", {
        ...common,
        ...options,
        kubeconfig: await kubeconfigOf("replicas"),
      }),
    startGateway: (name, options) =>
      start<GatewayStatus>(name, "loadtest/cluster/simulation/gateway.ts", { ...common, ...options, owner: name }),
    start,
    kubeconfigOf,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function applyKinds(control: ControlPlane): Promise<void> {
  const folder = join(root, "libs/kinds/crds");
  for (const file of await readdir(folder)) if (file.endsWith(".yaml")) await control.apply(await readFile(join(folder, file), "utf8"));
  await control.kubectl("wait", "--for=condition=Established", "--all", "crd");
  const apiVersion = "troupe.dev/v1alpha1";
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  await control.apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: restricted } },
    { apiVersion, kind: "AcceleratorClass", metadata: { name: "cpu" }, spec: { kind: "cpu", executionProvider: "cpu" } },
    { apiVersion, kind: "Site", metadata: { name: site }, spec: { tier: "cloud" } },
  ]);
}
