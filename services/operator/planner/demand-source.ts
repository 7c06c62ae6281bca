import type { StageCount } from "../autoscale/index.ts";

/** What gateways of one site count. */
export interface SiteDemand extends StageCount {
  readonly site: string;
  /** Whose sessions; empty or undefined: of all tenants that are not counted apart. */
  readonly tenant?: string;
}

/** What one replica says of itself. */
export interface ReplicaLoad {
  readonly pool: string;
  readonly stage: string;
  readonly sessions: number;
  /** More that it would take. */
  readonly headroom: number;
  /** Sessions it serves with its deadlines kept, as it measured; 0: not yet. */
  readonly capacity: number;
}

/** What the planner and the autoscaler hear from outside of Kubernetes. */
export interface DemandSource {
  /** undefined: nobody can be heard, so nothing is known. */
  demand(): readonly SiteDemand[] | undefined;
  replicas(): readonly ReplicaLoad[];
}
