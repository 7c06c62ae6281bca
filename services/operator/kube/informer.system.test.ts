import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInformer, type Informer, type InformerEvent, type InformerOptions } from "./informer.ts";
import { builtInKinds, type ConfigMap } from "./kind.ts";
import type { KubeApi } from "./kube-api.ts";
import { createKubeApi } from "./kube-client.ts";
import { createOperatorMetrics } from "./metrics.ts";
import { objectKey } from "./object.ts";
import { apiOverProxy, compactEtcd, inParallel, quiet, startTestCluster, type TestCluster } from "./testing/cluster.ts";

// Budget: 60 s, of which the control plane's start is 8 s and three restarts of the API server 5 s each.
const { configMaps, namespaces } = builtInKinds;
let cluster: TestCluster;
let api: KubeApi & AsyncDisposable;
let count = 0;

beforeAll(async () => {
  cluster = await startTestCluster();
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

/** Follows an informer by its events alone, and notes each one that doesn't fit what was before. */
function follow(informer: Informer<ConfigMap>) {
  const objects = new Map<string, ConfigMap>();
  const wrong: string[] = [];
  let events = 0;
  const take = ({ type, object, old }: InformerEvent<ConfigMap>) => {
    const key = objectKey(object);
    const before = objects.get(key);
    events += 1;
    if (type === "added" && before) wrong.push(`${key} added twice`);
    if (type !== "added" && !before) wrong.push(`${key} ${type} before it was added`);
    if (type === "changed" && before?.metadata.resourceVersion === object.metadata.resourceVersion) wrong.push(`${key} told twice`);
    if (type === "changed" && old !== before) wrong.push(`${key} changed from something else`);
    if (type === "deleted") objects.delete(key);
    else objects.set(key, object);
  };
  informer.on(take);
  return { objects, wrong, events: () => events };
}

const versions = (items: Iterable<ConfigMap>) =>
  Object.fromEntries([...items].map((item) => [objectKey(item), `${item.metadata.uid} ${item.metadata.resourceVersion}`]).sort());

/** Waits without sleeping: resolves with the first event after which the condition holds. */
async function settle(informer: Informer<ConfigMap>, condition: () => boolean): Promise<void> {
  if (condition()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = informer.on(() => condition() && resolve());
  if (condition()) resolve();
  await promise;
  end();
}

async function createFollowed(source: KubeApi, namespace: string, options: InformerOptions<ConfigMap> = {}) {
  const registry = new Registry();
  const metrics = createOperatorMetrics(registry);
  const deps = { api: source, clock: systemClock, logger: quiet, metrics };
  const fast = { backoff: { initialMs: 50, maxMs: 500 }, relistJitterMs: 100, idleMs: 60_000, ...options };
  const informer = createInformer(deps, configMaps, { namespace, labelSelector: "app=test", ...fast });
  await informer.synced;
  const count = async (metric: "informerLists" | "watchFailures", reason?: string) => {
    const { values } = await metrics[metric].get();
    return values
      .filter((value) => !reason || ("reason" in value.labels && value.labels.reason === reason))
      .reduce((sum, value) => sum + value.value, 0);
  };
  return { informer, followed: follow(informer), count, [Symbol.asyncDispose]: () => informer[Symbol.asyncDispose]() };
}

const write = (namespace: string, name: string, value: string) =>
  api.apply(configMaps, { metadata: { name, namespace, labels: { app: "test" } }, data: { value } }, "test");

/** The end of a scenario: a last object is written, and when it has come, everything before it must have. */
async function expectCurrent(namespace: string, { informer, followed }: Awaited<ReturnType<typeof createFollowed>>): Promise<void> {
  const name = `last-${++count}`;
  await write(namespace, name, "");
  await settle(informer, () => followed.objects.has(`${namespace}/${name}`));
  const { items } = await api.list(configMaps, { namespace, labelSelector: "app=test" });
  expect(versions(followed.objects.values())).toEqual(versions(items));
  expect(versions(informer.list())).toEqual(versions(items));
  expect(followed.wrong).toEqual([]);
}

describe("an informer", () => {
  it("follows creations, changes and deletions, also of one name again and again, and replays for who comes late", async () => {
    const namespace = await freshNamespace();
    await write(namespace, "early", "1");
    await using current = await createFollowed(api, namespace);
    for (let round = 0; round < 5; round++) {
      await write(namespace, "same", String(round));
      await api.delete(configMaps, { name: "same", namespace });
    }
    await expectCurrent(namespace, current);
    expect(current.informer.get({ namespace, name: "early" })?.data).toEqual({ value: "1" });
    expect(current.informer.get({ namespace, name: "early" })?.metadata).not.toHaveProperty("managedFields");
    const late = follow(current.informer);
    expect(versions(late.objects.values())).toEqual(versions(current.informer.list()));
    expect(await current.count("informerLists")).toBe(1);
  });

  it("goes on where it stood when its connection is reset, without listing again", async () => {
    const namespace = await freshNamespace();
    await using link = await apiOverProxy(cluster);
    await using current = await createFollowed(link.api, namespace);
    for (let round = 0; round < 5; round++) {
      await write(namespace, "same", String(round));
      link.proxy.cut();
      await write(namespace, `other-${round}`, "");
      await expectCurrent(namespace, current);
    }
    expect(await current.count("informerLists")).toBe(1);
  });

  it("notices a connection that is open and dead", async () => {
    const namespace = await freshNamespace();
    await using link = await apiOverProxy(cluster, { callTimeoutMs: 1500 });
    await using current = await createFollowed(link.api, namespace, { idleMs: 1500 });
    await write(namespace, "before", "");
    await settle(current.informer, () => current.followed.objects.size === 1);
    link.proxy.freeze();
    await api.delete(configMaps, { name: "before", namespace });
    await expectCurrent(namespace, current);
    expect(await current.count("informerLists")).toBe(1);
    expect(await current.count("watchFailures", "CLUSTER_UNAVAILABLE")).toBeGreaterThan(0);
  });

  it("goes on when the server ends the watch in order", async () => {
    const namespace = await freshNamespace();
    await using current = await createFollowed(api, namespace, { watchTimeoutSeconds: 1 });
    const beginMs = performance.now();
    for (let round = 0; performance.now() - beginMs < 3500; round++) await write(namespace, `c-${round % 7}`, String(round));
    await expectCurrent(namespace, current);
    expect(await current.count("informerLists")).toBe(1);
    expect(await current.count("watchFailures")).toBe(0);
  });

  it("lists again when the API server has forgotten its place, and tells what went on meanwhile", async () => {
    const namespace = await freshNamespace();
    await using link = await apiOverProxy(cluster, { callTimeoutMs: 3000 });
    await using current = await createFollowed(link.api, namespace);
    for (const name of ["kept", "changed", "gone", "replaced"]) await write(namespace, name, "1");
    await settle(current.informer, () => current.followed.objects.size === 4);
    link.proxy.setDown(true);
    await write(namespace, "changed", "2");
    await api.delete(configMaps, { name: "gone", namespace });
    await api.delete(configMaps, { name: "replaced", namespace });
    await write(namespace, "replaced", "2");
    await write(namespace, "new", "1");
    await compactEtcd(cluster, (await api.list(configMaps, { namespace })).resourceVersion);
    await cluster.restartApiServer();
    link.proxy.setDown(false);
    link.proxy.cut();
    await expectCurrent(namespace, current);
    expect(await current.count("watchFailures", "WATCH_EXPIRED")).toBeGreaterThan(0);
    expect(await current.count("informerLists")).toBe(2);
  });

  it("misses and doubles nothing of 1,000 objects that change while the API server is killed twice and etcd forgets", async () => {
    const namespace = await freshNamespace();
    await using current = await createFollowed(api, namespace);
    const names = Array.from({ length: 1000 }, (_, index) => `c-${index}`);
    await inParallel(names, 16, (name) => write(namespace, name, "0"));
    let round = 0;
    /** A writer that knows no rest: what the API server refuses while it is down is lost, and that is part of the game. */
    const churn = async (signal: AbortSignal) => {
      while (!signal.aborted) {
        const name = `c-${round++ % 1000}`;
        const change = round % 5 === 0 ? api.delete(configMaps, { name, namespace }) : write(namespace, name, String(round));
        await change.catch(() => systemClock.sleep(20));
      }
    };
    for (let kill = 0; kill < 2; kill++) {
      const stop = new AbortController();
      const churning = Promise.all(Array.from({ length: 4 }, () => churn(stop.signal)));
      await cluster.restartApiServer();
      await compactEtcd(cluster, (await api.list(configMaps, { namespace, pageSize: 1 })).resourceVersion);
      stop.abort();
      await churning;
      await expectCurrent(namespace, current);
    }
    expect(current.informer.list().length).toBeGreaterThan(500);
    expect(round).toBeGreaterThan(100);
  }, 240_000);

  it("of a kind that may be absent is empty, and keeps nobody waiting, where it is not installed", async () => {
    const absent = { apiVersion: "resource.example.com/v1", kind: "Slice", plural: "slices", namespaced: false } as const;
    const deps = { api, clock: systemClock, logger: quiet };
    await using optional = createInformer(deps, absent, { optional: true });
    await optional.synced;
    expect(optional.list()).toEqual([]);
  });

  it("keeps its memory through a hundred reconnections of 1,000 objects", async () => {
    const namespace = await freshNamespace();
    await using link = await apiOverProxy(cluster);
    await using current = await createFollowed(link.api, namespace, { backoff: { initialMs: 1, maxMs: 2 } });
    const names = Array.from({ length: 1000 }, (_, index) => `c-${index}`);
    await inParallel(names, 16, (name) => write(namespace, name, "x".repeat(200)));
    await expectCurrent(namespace, current);
    const reconnect = async (times: number) => {
      for (let index = 0; index < times; index++) {
        link.proxy.cut();
        await write(namespace, "beat", `${times} ${index}`);
        await settle(current.informer, () => current.informer.get({ namespace, name: "beat" })?.data?.["value"] === `${times} ${index}`);
      }
    };
    await reconnect(20);
    const beforeBytes = heapBytes();
    await reconnect(100);
    const grownBytes = heapBytes() - beforeBytes;
    expect(grownBytes).toBeLessThan(2_000_000);
    await expectCurrent(namespace, current);
  });
});

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
