import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kinds } from "@troupe/kinds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInKinds } from "./kind.ts";
import type { KubeApi } from "./kube-api.ts";
import { createKubeApi } from "./kube-client.ts";
import { apiOverProxy, inParallel, installKinds, startTestCluster, type TestCluster } from "./testing/cluster.ts";

// Budget: 25 s, of which the control plane's start is 8 s. One namespace a test.
const { configMaps, pods, podDisruptionBudgets, namespaces } = builtInKinds;
let cluster: TestCluster;
let api: KubeApi & AsyncDisposable;
let count = 0;

beforeAll(async () => {
  cluster = await startTestCluster();
  await installKinds(cluster);
  api = await createKubeApi({ kubeconfig: cluster.kubeconfig });
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await cluster?.close();
});

async function freshNamespace(): Promise<string> {
  const name = `test-${++count}`;
  await api.create(namespaces, { metadata: { name } }, "test");
  return name;
}

const tenant = (name: string) => ({ metadata: { name }, spec: { namespaces: [name] } });

describe("server-side apply", () => {
  it("refuses a field that another manager holds, names it, and takes it only by force", async () => {
    const ref = { name: "one", namespace: await freshNamespace() };
    await api.apply(configMaps, { metadata: ref, data: { colour: "red" } }, "first");
    const conflicting = { metadata: ref, data: { colour: "blue" } };
    await expect(api.apply(configMaps, conflicting, "second")).rejects.toMatchObject({
      reason: "OBJECT_CONFLICT",
      message: expect.stringMatching(/"first".*\.data\.colour/s),
    });
    expect((await api.apply(configMaps, conflicting, "second", { force: true })).data).toEqual({ colour: "blue" });
  });

  it("removes what its manager leaves out, and leaves what others wrote", async () => {
    const ref = { name: "one", namespace: await freshNamespace() };
    await api.apply(configMaps, { metadata: ref, data: { a: "1", b: "1" } }, "first");
    await api.apply(configMaps, { metadata: ref, data: { c: "1" } }, "second");
    expect((await api.apply(configMaps, { metadata: ref, data: { a: "2" } }, "first")).data).toEqual({ a: "2", c: "1" });
  });

  it("lets two controllers own a condition each in one status", async () => {
    await api.create(kinds.tenants, tenant("conditions"), "test");
    const write = (type: string, manager: string) =>
      api.applyStatus(
        kinds.tenants,
        {
          metadata: { name: "conditions" },
          status: {
            conditions: [
              { type, status: "True", reason: "Fine", message: "", observedGeneration: 1, lastTransitionTime: "2026-01-01T00:00:00Z" },
            ],
          },
        },
        manager,
      );
    await write("One", "troupe-one");
    const both = await write("Two", "troupe-two");
    expect(both.status?.conditions?.map((condition) => condition.type)).toEqual(["One", "Two"]);
  });

  it("writes no status of an object that is gone, nor of one that has changed since, when told so", async () => {
    const status = { observedGeneration: 1 };
    await expect(api.applyStatus(kinds.tenants, { metadata: { name: "never" }, status }, "test")).rejects.toMatchObject({
      reason: "OBJECT_UNKNOWN",
    });
    await api.create(kinds.tenants, tenant("again"), "test");
    const metadata = { name: "again", resourceVersion: "1" };
    await expect(api.applyStatus(kinds.tenants, { metadata, status }, "test")).rejects.toMatchObject({ reason: "OBJECT_CONFLICT" });
  });

  it("keeps nothing of a dry run", async () => {
    const ref = { name: "dry", namespace: await freshNamespace() };
    await api.apply(configMaps, { metadata: ref, data: {} }, "test", { dryRun: true });
    await expect(api.get(configMaps, ref)).rejects.toMatchObject({ reason: "OBJECT_UNKNOWN" });
  });
});

describe("the API server's refusals", () => {
  it("have a reason each", async () => {
    const ref = { name: "one", namespace: await freshNamespace() };
    const { metadata } = await api.create(configMaps, { metadata: ref }, "test");
    await expect(api.create(configMaps, { metadata: ref }, "test")).rejects.toMatchObject({ reason: "OBJECT_EXISTS" });
    await expect(api.create(configMaps, { metadata: { ...ref, name: "NOT VALID" } }, "test")).rejects.toMatchObject({
      reason: "OBJECT_INVALID",
      message: expect.stringContaining("metadata.name"),
    });
    await api.replace(configMaps, { metadata: { ...ref, resourceVersion: metadata.resourceVersion ?? "" }, data: { a: "1" } }, "test");
    await expect(
      api.replace(configMaps, { metadata: { ...ref, resourceVersion: metadata.resourceVersion ?? "" }, data: { a: "2" } }, "test"),
    ).rejects.toMatchObject({ reason: "OBJECT_CONFLICT" });
    await expect(api.delete(configMaps, ref, { uid: "another" })).rejects.toMatchObject({ reason: "OBJECT_CONFLICT" });
    await api.delete(configMaps, ref, { uid: metadata.uid ?? "" });
    await expect(api.delete(configMaps, ref)).rejects.toMatchObject({ reason: "OBJECT_UNKNOWN" });
  });

  it("say what an account may not do", async () => {
    const kubeconfig = join(cluster.stateFolder, "nobody.kubeconfig");
    const config = await readFile(cluster.kubeconfig, "utf8");
    await writeFile(kubeconfig, await impersonating(config, "nobody"));
    await using nobody = await createKubeApi({ kubeconfig });
    await expect(nobody.list(configMaps)).rejects.toMatchObject({
      reason: "CLUSTER_FORBIDDEN",
      message: expect.stringContaining('cannot list resource "configmaps"'),
    });
  });

  it("of an eviction name the disruption budget, and let the pod go once it allows it", async () => {
    const namespace = await freshNamespace();
    await api.create(serviceAccounts, { metadata: { name: "own", namespace } }, "test");
    const metadata = { name: "one", namespace, labels: { app: "one" } };
    const pod = await api.create(
      pods,
      { metadata, spec: { serviceAccountName: "own", containers: [{ name: "c", image: "none" }], nodeName: "nowhere" } },
      "test",
    );
    const ready = { type: "Ready", status: "True" };
    await api.applyStatus(pods, { metadata: { name: "one", namespace }, status: { phase: "Running", conditions: [ready] } }, "test");
    const budget = { metadata: { name: "all", namespace }, spec: { minAvailable: 1, selector: { matchLabels: { app: "one" } } } };
    await api.create(podDisruptionBudgets, budget as never, "test");
    const ref = { name: "one", namespace };
    await expect(api.evict(ref, { uid: pod.metadata.uid ?? "" })).rejects.toMatchObject({ reason: "EVICTION_REFUSED" });
    await expect(api.evict({ ...ref, name: "none" })).rejects.toMatchObject({ reason: "OBJECT_UNKNOWN" });
    await api.delete(podDisruptionBudgets, { name: "all", namespace });
    await expect(api.evict(ref, { uid: "another" })).rejects.toMatchObject({ reason: "OBJECT_CONFLICT" });
    await api.evict(ref, { uid: pod.metadata.uid ?? "" });
    expect((await api.get(pods, ref)).metadata.deletionTimestamp).toBeDefined();
  });
});

const serviceAccounts = { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts", namespaced: true } as const;

async function impersonating(kubeconfig: string, user: string): Promise<string> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const [cluster, first] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (!cluster || !first) throw new Error("no current context");
  config.loadFromClusterAndUser(cluster, { ...first, impersonateUser: user });
  return config.exportConfig();
}

describe("a list", () => {
  it("is whole over many pages, of one moment, and each item knows its kind", async () => {
    const namespace = await freshNamespace();
    const names = Array.from({ length: 23 }, (_, index) => `c-${index}`);
    await inParallel(names, 8, (name) => api.create(configMaps, { metadata: { name, namespace, labels: { x: "y" } } }, "test"));
    const { items, resourceVersion } = await api.list(configMaps, { namespace, labelSelector: "x=y", pageSize: 5 });
    expect(items.map((item) => item.metadata.name).sort()).toEqual(names.sort());
    expect(items[0]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
    expect(Number(resourceVersion)).toBeGreaterThan(0);
  });
});

describe("calls over a network that stalls", () => {
  it("fail at their time limit, and the next goes over a new connection", async () => {
    await using link = await apiOverProxy(cluster, { callTimeoutMs: 1500 });
    await link.api.list(namespaces);
    link.proxy.freeze();
    await expect(link.api.list(namespaces)).rejects.toMatchObject({ reason: "DEADLINE" });
    expect((await link.api.list(namespaces)).items.length).toBeGreaterThan(0);
  });

  it("share their connections", async () => {
    await using link = await apiOverProxy(cluster);
    await inParallel(Array.from({ length: 200 }), 50, () => link.api.list(namespaces, { pageSize: 1 }));
    expect(link.proxy.accepted).toBeLessThanOrEqual(16);
  });

  it("end when they are cancelled", async () => {
    await using link = await apiOverProxy(cluster);
    link.proxy.setDown(true);
    const abort = new AbortController();
    const call = link.api.list(namespaces, { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ reason: "CANCELLED" });
    link.proxy.cut();
  });
});
