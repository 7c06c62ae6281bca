import { namespace } from "../rig/cluster.ts";
import { classNames, counts, poolNames, siteNames, tenantNames } from "./fixture.ts";

/** A kind whose objects are changed, and the change numbered `n` of one of them. */
export interface ChangedKind {
  readonly kind: string;
  readonly collection: string;
  readonly names: readonly string[];
  /** Of ten changes. */
  readonly share: number;
  /** Never what was there before. */
  readonly spec: (n: number) => object;
}

const cluster = "/apis/troupe.dev/v1alpha1";

export const changedKinds: readonly ChangedKind[] = [
  {
    kind: "StagePool",
    collection: `${cluster}/namespaces/${namespace}/stagepools`,
    names: poolNames,
    share: 5,
    // Every other change is one of scale too, which makes or takes away a pod.
    spec: (n) => ({ drain: { timeoutSeconds: 600 + n }, ...(n % 2 === 0 && { replicas: 1 + ((n / 2) % (counts.replicasPerPool + 1)) }) }),
  },
  {
    kind: "Tenant",
    collection: `${cluster}/tenants`,
    names: tenantNames,
    share: 2,
    spec: (n) => ({ residency: [`region-${n}`] }),
  },
  {
    kind: "Site",
    collection: `${cluster}/sites`,
    names: siteNames,
    share: 2,
    spec: (n) => ({ priceFactorPercent: 100 + n }),
  },
  {
    kind: "AcceleratorClass",
    collection: `${cluster}/acceleratorclasses`,
    names: classNames,
    share: 1,
    spec: (n) => ({ pricePerHourMicros: 1000 + n }),
  },
];
