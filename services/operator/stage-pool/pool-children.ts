import { type AcceleratorClass, fieldManager, labels, managedBy, type StagePool } from "@troupe/kinds";
import { builtInKinds, type Informer, type KubeApi, type PodDisruptionBudget } from "../kube/index.ts";
import { deviceOf } from "./device.ts";
import { ownerOf, selectorOf } from "./pod-of.ts";
import { revisionName } from "./revision-history.ts";

export interface PoolChildrenDeps {
  readonly api: KubeApi;
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly classes: Informer<AcceleratorClass>;
}

const manager = fieldManager("stage-pool");

/** Applies what belongs to a pool beside its pods, as far as it changed: disruption budget, record of its template, device claim. */
export async function applyChildren({ api, budgets, classes }: PoolChildrenDeps, pool: StagePool, revision: string): Promise<void> {
  const { name, namespace = "default", generation } = pool.metadata;
  const metadata = (child: string) => ({
    name: child,
    namespace,
    labels: { ...selectorOf(pool), [labels.managedBy]: managedBy },
    ownerReferences: [ownerOf(pool)],
  });
  const known = pool.status?.observedGeneration === generation && pool.status?.updateRevision === revision;
  if (known && budgets.get({ name, namespace })) return;
  await api.apply(
    builtInKinds.podDisruptionBudgets,
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadata(name),
      // A ready pod may have sessions: only the operator deletes it, once it is empty. One that is not ready may always go.
      spec: { maxUnavailable: 0, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: selectorOf(pool) } },
    },
    manager,
    { force: true },
  );
  const { members, template } = pool.spec;
  const record = { apiVersion: "apps/v1", kind: "ControllerRevision", revision: generation ?? 1, data: { members, template } };
  await api.apply(builtInKinds.controllerRevisions, { ...record, metadata: metadata(revisionName(pool, revision)) }, manager, {
    force: true,
  });
  const { deviceClassName } = deviceOf(pool.spec.share, classes.get({ name: pool.spec.acceleratorClass }));
  if (deviceClassName === undefined) return;
  const requests = [{ name: "device", exactly: { deviceClassName, count: 1 } }];
  const claim = { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", spec: { spec: { devices: { requests } } } };
  await api.apply(builtInKinds.resourceClaimTemplates, { ...claim, metadata: metadata(name) }, manager, { force: true });
}
