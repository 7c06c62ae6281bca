import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "@troupe/testbed";
import { type NatsServer, startNatsServer } from "@troupe/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { found } from "./testing/found.ts";
import { chart, createHelm, type Manifest, namespace, ofKind } from "./testing/helm.ts";

// Budget: a control plane of 640 MB and an operator, about 30 s.

const root = join(import.meta.dirname, "..");
const account = `system:serviceaccount:${namespace}:troupe-operator`;
const stack = new AsyncDisposableStack();
let folder: string;
let cluster: ControlPlane;
let operator: ChildProcess;
let log = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-operator-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  cluster = stack.use(await startControlPlane({ signal: AbortSignal.timeout(80_000), audit: true }));
  const nats: NatsServer = stack.use(await startNatsServer({ domain: "main" }));
  await cluster.kubectl("create", "namespace", namespace);
  await cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
  const helm = await createHelm(folder, cluster.kubeconfig);
  await helm.run("install", "troupe", chart, "--namespace", namespace, "--set", "operator.replicas=0,gateway.replicas=0");
  const objects = await helm.template();
  operator = spawn(process.execPath, ["services/operator/main.ts"], { cwd: root, env: await environmentOf(objects, nats.url) });
  stack.defer(() => stopped(operator));
  for (const stream of [operator.stdout, operator.stderr])
    stream?.on("data", (part) => {
      log += part;
    });
});

afterAll(() => stack.disposeAsync());

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** The Deployment's variables, with places of this machine for those of a Pod. */
async function environmentOf(objects: readonly Manifest[], natsUrl: string): Promise<Record<string, string>> {
  const deployment = ofKind(objects, "Deployment").find(({ metadata }) => metadata.name === "troupe-operator");
  const [container] = deployment.spec.template.spec.containers;
  const given = container.env.flatMap(({ name, value }: Manifest) => (value === undefined ? [] : [[name, value]]));
  const templates = ofKind(objects, "ConfigMap").find(({ data }) => data["pool-templates.json"]);
  await writeFile(join(folder, "pool-templates.json"), templates.data["pool-templates.json"]);
  return {
    ...Object.fromEntries(given),
    PATH: process.env.PATH ?? "",
    KUBECONFIG: await kubeconfig(),
    TROUPE_NATS_URL: natsUrl,
    TROUPE_GRANT_KEY: "k".repeat(48),
    TROUPE_NAMESPACE: namespace,
    TROUPE_REPLICA: "troupe-operator-0",
    TROUPE_HOST: "127.0.0.1",
    TROUPE_GRPC_PORT: "0",
    TROUPE_METRICS_PORT: "0",
    TROUPE_HEALTH_PORT: "0",
    TROUPE_PORT_FILE: join(folder, "ports.json"),
    TROUPE_POOL_TEMPLATES: join(folder, "pool-templates.json"),
  };
}

/** Of the operator's own ServiceAccount, as its Pod would have it. */
async function kubeconfig(): Promise<string> {
  const token = (await cluster.kubectl("create", "token", "troupe-operator", "-n", namespace)).trim();
  const file = join(folder, "operator.kubeconfig");
  const authority = join(cluster.stateFolder, "pki", "ca.crt");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: cluster.url, "certificate-authority": authority } }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

const read = (path: string) => cluster.api.request<Manifest>({ path }, AbortSignal.timeout(10_000));
const pools = `/apis/troupe.dev/v1alpha1/namespaces/${namespace}/stagepools`;
const podsOfPool = async (): Promise<readonly Manifest[]> =>
  (await read(`/api/v1/namespaces/${namespace}/pods?labelSelector=troupe.dev/pool=hand-made`)).items;

describe("the operator, with the rights and settings of the chart", () => {
  it("becomes ready and leads", async () => {
    const ports = await found(
      "the operator's ports",
      async () => JSON.parse(await readFile(join(folder, "ports.json"), "utf8")) as { health: number },
    );
    await found("readiness", async () => (await fetch(`http://127.0.0.1:${ports.health}/readyz`)).ok);
    const lease = await found("the lease", () => read(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/troupe-operator`));
    expect(lease.spec.holderIdentity).toContain("troupe-operator-0");
  });

  it("makes the Pods of a pool from the chart's template, under restricted pod security, and lets them go", async () => {
    const { data } = await read(`/api/v1/namespaces/${namespace}/configmaps/troupe-pool-templates`);
    const { face } = JSON.parse(data["pool-templates.json"]);
    const share = { cpuMillicores: 500 };
    const spec = {
      members: [{ stage: "face" }],
      acceleratorClass: "cpu",
      site: "main",
      share,
      minReplicas: 1,
      maxReplicas: 2,
      template: face,
    };
    await cluster.apply([{ apiVersion: "troupe.dev/v1alpha1", kind: "StagePool", metadata: { name: "hand-made", namespace }, spec }]);
    const pod = await found("a Pod", async () => (await podsOfPool())[0]);
    expect(pod.spec.containers[0]).toMatchObject({ image: "troupe/troupe:0.1.0", args: ["face"] });
    await found("the pool's status", async () => (await read(`${pools}/hand-made`)).status?.observedGeneration === 1);
    await cluster.kubectl("patch", "sp", "hand-made", "-n", namespace, "--type=merge", "-p", '{"spec":{"minReplicas":0,"maxReplicas":0}}');
    await found("no Pod", async () => (await podsOfPool()).length === 0);
  });

  it("says of every default object what it thinks of it", async () => {
    const judged = async (plural: string): Promise<readonly Manifest[]> => (await read(`/apis/troupe.dev/v1alpha1/${plural}`)).items;
    const objects = await found("conditions", async () => {
      const all = (await Promise.all(["models", "sites", "acceleratorclasses", "pipelines"].map(judged))).flat();
      return all.every(({ status }) => (status?.conditions ?? []).length > 0) && all;
    });
    const models = objects.filter(({ kind }) => kind === "Model");
    expect(models.length).toBeGreaterThanOrEqual(7);
    for (const { metadata, status } of models)
      expect(
        status.conditions.find(({ type }: Manifest) => type === "Verified"),
        metadata.name,
      ).toMatchObject({ status: "True" });
  });

  it("was never refused by the API server", async () => {
    const events = (await readFile(cluster.auditLog, "utf8"))
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Manifest]));
    const own = events.filter(({ user }) => user.username === account);
    const asked = new Set(
      own.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ""}${objectRef?.subresource ? `/${objectRef.subresource}` : ""}`),
    );
    for (const action of [
      "watch stagepools",
      "create pods",
      "delete pods",
      "patch stagepools/status",
      "patch poddisruptionbudgets",
      "patch models/status",
    ])
      expect(asked).toContain(action);
    const refused = own.filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
    expect(log).not.toContain("CLUSTER_FORBIDDEN");
  });
});
