import { labels } from "@troupe/kinds";
import { type ForeignUse, mebibytes, millicores, quantity } from "../inventory/index.ts";
import type { Pod } from "../kube/index.ts";

/** What pods that are not of a StagePool ask for, by node: the scheduler keeps that for them, whether they use it or not. */
export function foreignUse(pods: readonly Pod[]): readonly ForeignUse[] {
  const byNode = new Map<string, { millicores: number; memoryMebibytes: number; resources: Record<string, number> }>();
  for (const pod of pods) {
    const node = pod.spec?.nodeName;
    if (!node || pod.metadata.labels?.[labels.pool] !== undefined || hasEnded(pod)) continue;
    const use = byNode.get(node) ?? { millicores: 0, memoryMebibytes: 0, resources: {} };
    for (const [resource, amount] of Object.entries(requestsOf(pod))) {
      if (resource === "cpu") use.millicores += millicores(amount);
      else if (resource === "memory") use.memoryMebibytes += mebibytes(amount);
      else use.resources[resource] = (use.resources[resource] ?? 0) + amount;
    }
    byNode.set(node, use);
  }
  return [...byNode].map(([node, use]) => ({ node, ...use }));
}

export const hasEnded = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";

/** Of all containers together, or of the largest init container if that is more; init containers that stay (sidecars) add up. */
function requestsOf({ spec }: Pod): Record<string, number> {
  const sum: Record<string, number> = {};
  const add = (requests: Readonly<Record<string, string>> = {}, into: Record<string, number> = sum) => {
    for (const [resource, text] of Object.entries(requests)) into[resource] = (into[resource] ?? 0) + quantity(text);
  };
  for (const { resources } of spec?.containers ?? []) add(resources?.requests);
  const inits = spec?.initContainers ?? [];
  for (const { resources, restartPolicy } of inits) if (restartPolicy === "Always") add(resources?.requests);
  for (const { resources, restartPolicy } of inits) {
    if (restartPolicy === "Always") continue;
    for (const [resource, text] of Object.entries(resources?.requests ?? {})) sum[resource] = Math.max(sum[resource] ?? 0, quantity(text));
  }
  add(spec?.overhead);
  return sum;
}
