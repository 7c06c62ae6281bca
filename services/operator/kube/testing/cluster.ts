import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "@troupe/testbed";
import type { KubeApi } from "../kube-api.ts";
import { createKubeApi, type KubeApiOptions } from "../kube-client.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export type TestCluster = ControlPlane;

export const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A real control plane for one test file. */
export const startTestCluster = (options: { readonly audit?: boolean } = {}): Promise<TestCluster> =>
  startControlPlane({ ...options, signal: new AbortController().signal });

const crds = join(import.meta.dirname, "../../../../libs/kinds/crds");

/** Installs our kinds, in one call of kubectl, and waits until they are served. */
export async function installKinds(cluster: TestCluster): Promise<void> {
  const files = (await readdir(crds)).filter((file) => file.endsWith(".yaml"));
  const definitions = await Promise.all(files.map((file) => readFile(join(crds, file), "utf8")));
  await cluster.apply(definitions.join("\n---\n"));
  await cluster.kubectl("wait", "--for=condition=Established", "--all", "crd");
}

/** The API over a network that the test can break. */
export async function apiOverProxy(
  cluster: TestCluster,
  options: KubeApiOptions = {},
): Promise<{ readonly api: KubeApi; readonly proxy: TcpProxy } & AsyncDisposable> {
  const target = Number(new URL(cluster.url).port);
  const proxy = await startTcpProxy(target);
  const kubeconfig = join(cluster.stateFolder, `proxy-${proxy.port}.kubeconfig`);
  const text = await readFile(cluster.kubeconfig, "utf8");
  await writeFile(kubeconfig, text.replaceAll(`:${target}`, `:${proxy.port}`));
  const api = await createKubeApi({ ...options, kubeconfig });
  return {
    api,
    proxy,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Forgets every revision of etcd before `revision`, as etcd's periodic compaction does. */
export async function compactEtcd(cluster: TestCluster, revision: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${cluster.settings.ports.etcd}/v3/kv/compaction`, {
    method: "POST",
    body: JSON.stringify({ revision, physical: true }),
  });
  if (!answer.ok) throw new Error(`etcd does not compact: ${await answer.text()}`);
}

/** Runs `work` for each item, so many at a time. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
