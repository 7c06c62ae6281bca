import { fieldManager, kinds, type Pipeline, type Tenant } from "@troupe/kinds";
import {
  applyOwnStatus,
  type Controller,
  type Informer,
  type KubeApi,
  type Namespace,
  objectKey,
  refOf,
  type WorkQueue,
} from "../kube/index.ts";
import { tenantStatus } from "./tenant-status.ts";

export interface TenantDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  /** Indexed by "namespace" ({@link namespacesOf}) and "pipeline" ({@link quotaPipelinesOf}). */
  readonly tenants: Informer<Tenant>;
  readonly namespaces: Informer<Namespace>;
  readonly pipelines: Informer<Pipeline>;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

export const namespacesOf = ({ spec }: Tenant): readonly string[] => spec.namespaces;
export const quotaPipelinesOf = ({ spec }: Tenant): readonly string[] => spec.quotas.map(({ pipeline }) => pipeline);

/** Owns Accepted of each Tenant. */
export function createTenantController({ api, tenants, namespaces, pipelines, utcNowMs }: TenantDeps): Controller {
  const manager = fieldManager("tenant");
  return {
    name: "tenant",
    // There may be ten thousand of them.
    concurrency: 12,
    async reconcile(key, signal) {
      const tenant = tenants.get(refOf(key));
      if (!tenant) return undefined;
      const sighting = {
        tenant,
        namespaceExists: (name: string) => namespaces.get({ name }) !== undefined,
        rivals: (namespace: string) => tenants.byIndex("namespace", namespace).filter((other) => other !== tenant),
        pipeline: (pipeline: string) => pipelines.get(refOf(pipeline)),
      };
      await applyOwnStatus(api, kinds.tenants, tenant, tenantStatus(sighting, utcNowMs()), { fieldManager: manager, signal });
      return undefined;
    },
  };
}

/** @returns what ends it */
export function triggerTenants(
  { tenants, namespaces, pipelines }: Pick<TenantDeps, "tenants" | "namespaces" | "pipelines">,
  queue: WorkQueue,
) {
  const add = (some: readonly Tenant[]) => {
    for (const one of some) queue.add(objectKey(one));
  };
  const ends = [
    tenants.on(({ type, object, old }) => {
      add([object]);
      // Who shares a namespace with it may have it now, or no longer.
      if (type === "changed" && old?.metadata.generation === object.metadata.generation) return;
      for (const namespace of [...namespacesOf(object), ...(old ? namespacesOf(old) : [])]) add(tenants.byIndex("namespace", namespace));
    }),
    namespaces.on(({ type, object }) => type !== "changed" && add(tenants.byIndex("namespace", object.metadata.name))),
    pipelines.on(
      ({ object, old }) => old?.metadata.generation !== object.metadata.generation && add(tenants.byIndex("pipeline", objectKey(object))),
    ),
  ];
  return (): void => {
    for (const end of ends) end();
  };
}
