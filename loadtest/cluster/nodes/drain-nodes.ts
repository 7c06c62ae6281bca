import { labels, stageNames } from "@troupe/kinds";
import type { Crowd, Experience } from "./crowd.ts";
import type { RealCluster } from "./real-cluster.ts";

const drainSeconds = 240;
/** Nobody can go anywhere: that does not get better. */
const lastSeconds = 30;

export interface NodeDrains {
  /** `kubectl drain` of the one node: what the sessions experienced, and the stages that moved. */
  readonly first: Experience;
  readonly last: Experience;
  /** Pods of the last node whose eviction was refused, and what kubectl said of one of them. */
  readonly refused: number;
  readonly said: string;
  /** Why each pool does not move, as its condition tells. */
  readonly reasons: readonly string[];
}

/** Drains one of two nodes, then the stages of the other as well. */
export async function drainNodes(cluster: RealCluster, crowd: Crowd): Promise<NodeDrains> {
  const { control, nodes, pools } = cluster;
  const [one = "", two = ""] = nodes.map(({ name }) => name);
  const first = await crowd.during(async () => {
    await control.kubectl("drain", two, "--ignore-daemonsets", "--delete-emptydir-data", `--timeout=${drainSeconds}s`);
    await cluster.settled();
  });
  let said = "";
  const last = await crowd.during(async () => {
    const only = ["--pod-selector", labels.pool, "--delete-emptydir-data", `--timeout=${lastSeconds}s`];
    said = await control.kubectl("drain", one, ...only).catch((refusal: Error) => refusal.message);
  });
  const reasons = pools.list().map(({ metadata, status }) => {
    const { reason, message } = status?.conditions?.find(({ type }) => type === "Progressing") ?? {};
    return `${metadata.name}: ${reason}: ${message}`;
  });
  const refused = new Set([...said.matchAll(/error when evicting pods\/"([^"]+)"/gu)].map(([, pod]) => pod));
  await control.kubectl("uncordon", one, two);
  await cluster.settled(stageNames);
  return { first, last, refused: refused.size, said: said.slice(0, 1000), reasons };
}
