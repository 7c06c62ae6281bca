import type { Pipeline, Tenant } from "@troupe/kinds";
import { conditionsOf, decide, type Policy, type Statement } from "../kube/index.ts";

export interface TenantSighting {
  readonly tenant: Tenant;
  readonly namespaceExists: (name: string) => boolean;
  /** Other tenants that name one of the namespaces. */
  readonly rivals: (namespace: string) => readonly Tenant[];
  /** By `namespace/name`. */
  readonly pipeline: (key: string) => Pipeline | undefined;
}

const refusals: readonly Policy<TenantSighting>[] = [
  ({ tenant, namespaceExists }) => {
    const missing = tenant.spec.namespaces.filter((name) => !namespaceExists(name));
    return missing.length > 0 ? { reason: "NamespaceUnknown", message: `there is no namespace ${missing.join(", ")}` } : undefined;
  },
  ({ tenant, rivals }) => {
    for (const namespace of tenant.spec.namespaces) {
      const [first] = rivals(namespace).filter((other) => isOlder(other, tenant));
      if (first) return { reason: "NamespaceTaken", message: `the namespace ${namespace} is that of tenant ${first.metadata.name}` };
    }
    return undefined;
  },
  ({ tenant, pipeline }) => {
    const missing = tenant.spec.quotas.filter((quota) => !pipeline(quota.pipeline)).map((quota) => quota.pipeline);
    return missing.length > 0 ? { reason: "PipelineUnknown", message: `there is no Pipeline ${missing.join(", ")}` } : undefined;
  },
  ({ tenant, pipeline }) => {
    const apart = tenant.spec.quotas.find((quota) => !canMeet(tenant.spec.residency, pipeline(quota.pipeline)?.spec.residency ?? []));
    return apart && { reason: "ResidencyConflict", message: `the Pipeline ${apart.pipeline} may run in none of the tenant's regions` };
  },
];

/** Of two that claim the same, the one that was there first has it. */
function isOlder(one: Tenant, other: Tenant): boolean {
  const [a, b] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp ?? ""} ${metadata.name}`);
  return (a ?? "") < (b ?? "");
}

const canMeet = (one: readonly string[], other: readonly string[]) =>
  one.length === 0 || other.length === 0 || one.some((region) => other.includes(region));

/** Whether a tenant can be served as it is written; pure. */
export function tenantStatus(sighting: TenantSighting, utcNowMs: number) {
  const refusal = decide(refusals, sighting);
  const accepted: Statement = refusal
    ? { type: "Accepted", status: "False", ...refusal }
    : { type: "Accepted", status: "True", reason: "AllFound", message: "its namespaces and pipelines exist, and are its own to use" };
  const { tenant } = sighting;
  return { observedGeneration: tenant.metadata.generation ?? 0, conditions: conditionsOf(tenant, [accepted], utcNowMs) };
}
