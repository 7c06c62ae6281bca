import type { StagePool } from "@troupe/kinds";
import { type Cluster, namespace, site } from "../rig/cluster.ts";
import { isSettled } from "../rig/is-settled.ts";
import { type Observer, observe } from "../rig/observer.ts";
import type { Subject } from "./subject.ts";
import type { TracedPool } from "./trace.ts";

const collection = `/apis/troupe.dev/v1alpha1/namespaces/${namespace}/stagepools`;
const merge = "application/merge-patch+json";

/** StagePools, kept by the operator. What it knows of them it sees from outside. */
export async function stagePools(cluster: Cluster, signal: AbortSignal): Promise<Subject> {
  const { api } = cluster.control;
  const pools: Observer<StagePool> = await observe<StagePool>(cluster.control, collection, signal);
  const patch = async (path: string, body: object) => {
    const { metadata } = await api.request<StagePool>({ method: "PATCH", path, body, contentType: merge }, signal);
    return metadata.generation ?? 0;
  };
  const wanted = new Map<string, { generation: number; replicas: number }>();
  const cordon = (node: string, unschedulable: boolean) => patch(`/api/v1/nodes/${node}`, { spec: { unschedulable } });
  return {
    name: "operator",
    namespace,
    async create(traced) {
      for (const pool of traced) {
        await api.request({ method: "POST", path: collection, body: objectOf(pool) }, signal);
        wanted.set(pool.name, { generation: await patch(`${collection}/${pool.name}`, { spec: { replicas: 1 } }), replicas: 1 });
      }
    },
    async apply(pool, action) {
      const before = wanted.get(pool)?.replicas ?? 1;
      const change =
        action.kind === "scale"
          ? { replicas: action.replicas }
          : { template: { env: [{ name: "TROUPE_TRACE", value: String(action.version) }] } };
      const generation = await patch(`${collection}/${pool}`, { spec: change });
      wanted.set(pool, { generation, replicas: action.kind === "scale" ? action.replicas : before });
    },
    settled(pool) {
      const { generation = 0, replicas = 0 } = wanted.get(pool) ?? {};
      return isSettled(pools.get(pool), replicas, generation);
    },
    leave: async (node) => void (await cordon(node, true)),
    comeBack: async (node) => void (await cordon(node, false)),
    async [Symbol.asyncDispose]() {
      pools[Symbol.dispose]();
    },
  };
}

export const objectOf = ({ name, stages, maxReplicas }: TracedPool, image = "troupe:measured") => ({
  apiVersion: "troupe.dev/v1alpha1",
  kind: "StagePool",
  metadata: { name, namespace },
  spec: {
    members: stages.map((stage) => ({ stage, backend: "stub" })),
    acceleratorClass: "cpu",
    site,
    share: { cpuMillicores: 500 },
    minReplicas: 0,
    maxReplicas,
    template: { image },
  },
});
