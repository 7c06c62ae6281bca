import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type ControlPlane,
  platformImage,
  programImage,
  startControlPlane,
  startModelMirror,
  startNode,
  testbedEnvironment,
} from "@troupe/testbed";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chart, createHelm, namespace, valuesOf } from "./testing/helm.ts";

// Budget: 240 s; a real node with 2 cores runs every service as a pod of our image, with the English models.
const run = promisify(execFile);
const { signal } = new AbortController();
const question = "models/questions/hours.wav";
const root = join(import.meta.dirname, "..");
const stack = new AsyncDisposableStack();
let cluster: ControlPlane;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-install-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  cluster = stack.use(await startControlPlane({ nodes: true, signal }));
  const options = { ...testbedEnvironment(), signal, log: () => undefined };
  const images = [await platformImage(options), await programImage("nats-server", options)];
  const node = stack.use(await startNode(cluster, { name: "one", images, signal }));
  const mirror = stack.use(await startModelMirror(cluster));
  await cluster.apply([volumeOf(await placeOf(node))]);
  await cluster.apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
  ]);
  const helm = await createHelm(folder, cluster.kubeconfig);
  const set = (values: Readonly<Record<string, string>>) => Object.entries(values).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const settings = set({
    "image.repository": "localhost/troupe",
    "image.tag": "dev",
    "nats.image.repository": "localhost/nats-server",
    "nats.image.tag": "testbed",
    "models.mirror": mirror.url,
  });
  await helm.run(
    "install",
    "troupe",
    chart,
    "--namespace",
    namespace,
    ...valuesOf("single-node"),
    ...settings,
    "--wait",
    "--timeout",
    "120s",
  );
}, 240_000);
afterAll(() => stack.disposeAsync());

/** A folder on the node for NATS, as a cluster without storage classes has it. */
async function placeOf(node: { run(...command: string[]): Promise<string> }): Promise<string> {
  const path = "/var/lib/nats";
  await node.run("mkdir", "-p", "-m", "0777", path);
  return path;
}

const volumeOf = (path: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "nats" },
  spec: {
    capacity: { storage: "10Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    local: { path },
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["one"] }] }] },
    },
  },
});

async function ask(...args: string[]): Promise<string> {
  const out = join(folder, `answer-${args.length}.mp4`);
  await run(process.execPath, ["services/troupe/main.ts", "ask", question, "--asap", "--size", "128x128", "--out", out, ...args], {
    cwd: root,
  });
  return JSON.parse(await readFile(out.replace(/mp4$/, "json"), "utf8")).turns[0].answer;
}

it("installed by Helm, every stage becomes a pool of pods that admit, and the avatar answers as it does at home", async () => {
  await cluster.kubectl("-n", namespace, "wait", "stagepools", "--all", "--for=condition=Available", "--timeout=120s");
  const pools = JSON.parse(await cluster.kubectl("-n", namespace, "get", "stagepools", "-o", "json")).items;
  const stages = pools.flatMap((pool: { spec: { members: { stage: string }[] } }) => pool.spec.members.map(({ stage }) => stage));
  expect([...new Set(stages)].sort()).toEqual(["asr", "compositor", "face", "llm", "tts"]);
  const address = await cluster.kubectl(
    "-n",
    namespace,
    "get",
    "pods",
    "-l",
    "app.kubernetes.io/component=gateway",
    "-o",
    "jsonpath={.items[0].status.podIP}",
  );
  expect(await ask("--gateway", `${address}:50051`)).toBe(await ask());
});
