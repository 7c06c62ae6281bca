import { type Applied, apiVersion, labels, managedBy, type StagePool } from "@troupe/kinds";
import type { PlannedPool } from "../plan/index.ts";
import type { PoolTemplates } from "./plan-input.ts";

/**
 * The planner's fields of a pool that it makes: what it is, its bounds, and the template of its first stage. Replicas are the
 * autoscaler's, warm replicas, drain and paused are people's.
 * @returns undefined if there is no template for its stage
 */
export function poolObject(pool: PlannedPool, namespace: string, templates: PoolTemplates): Applied<StagePool> | undefined {
  const template = templates[pool.members[0]?.stage ?? ""];
  if (!template) return undefined;
  return {
    apiVersion,
    kind: "StagePool",
    metadata: {
      name: pool.name,
      namespace,
      labels: { [labels.managedBy]: managedBy, [labels.site]: pool.site, [labels.acceleratorClass]: pool.acceleratorClass },
    },
    spec: {
      members: pool.members as StagePool["spec"]["members"],
      acceleratorClass: pool.acceleratorClass,
      site: pool.site,
      share: pool.share,
      minReplicas: pool.minReplicas,
      maxReplicas: pool.maxReplicas,
      template,
    },
  };
}
