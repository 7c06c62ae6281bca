import { labels } from "@troupe/kinds";
import type { Cluster } from "../rig/cluster.ts";
import { type Observed, observe } from "../rig/observer.ts";
import type { Subject } from "./subject.ts";
import type { TracedPool } from "./trace.ts";

interface Deployment extends Observed {
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

interface PlacedPod extends Observed {
  readonly spec: { readonly nodeName?: string };
}

const namespace = "plain";
const collection = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const merge = "application/merge-patch+json";

/** The same pods in plain Deployments, as Kubernetes brings them: no drain but that of `kubectl drain`, which evicts. */
export async function deployments(cluster: Cluster, signal: AbortSignal): Promise<Subject> {
  const { api, apply } = cluster.control;
  await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
  const objects = await observe<Deployment>(cluster.control, collection, signal);
  const pods = await observe<PlacedPod>(cluster.control, `/api/v1/namespaces/${namespace}/pods`, signal);
  const generations = new Map<string, number>();
  const patch = async <T extends Observed>(path: string, body: object) =>
    await api.request<T>({ method: "PATCH", path, body, contentType: merge }, signal);
  const evict = async ({ metadata: { name } }: PlacedPod) => {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    await api
      .request({ method: "POST", path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, body }, signal)
      .catch(() => undefined);
  };
  return {
    name: "Deployment",
    namespace,
    async create(traced) {
      for (const pool of traced) await api.request({ method: "POST", path: collection, body: objectOf(pool) }, signal);
    },
    async apply(pool, action) {
      const metadata = { annotations: { trace: String(action.kind === "roll" ? action.version : 0) } };
      const change = action.kind === "scale" ? { replicas: action.replicas } : { template: { metadata } };
      const object = await patch<Deployment>(`${collection}/${pool}`, { spec: change });
      generations.set(pool, object.metadata.generation ?? 0);
    },
    settled(pool) {
      const object = objects.get(pool);
      const { observedGeneration = 0, replicas = 0, readyReplicas = 0, updatedReplicas = 0 } = object?.status ?? {};
      const wanted = object?.spec.replicas ?? -1;
      const current = observedGeneration >= (generations.get(pool) ?? 0);
      return current && [replicas, readyReplicas, updatedReplicas].every((count) => count === wanted);
    },
    async leave(node) {
      await patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
      await Promise.all(
        pods
          .list()
          .filter(({ spec }) => spec.nodeName === node)
          .map(evict),
      );
    },
    comeBack: async (node) => void (await patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: false } })),
    async [Symbol.asyncDispose]() {
      objects[Symbol.dispose]();
      pods[Symbol.dispose]();
    },
  };
}

const objectOf = ({ name, stages }: TracedPool) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: name, [labels.pool]: name } },
      spec: { containers: stages.map((stage) => ({ name: stage, image: "troupe:measured", resources: { requests: { cpu: "100m" } } })) },
    },
  },
});
