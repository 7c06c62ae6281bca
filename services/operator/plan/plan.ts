import type { Share } from "../inventory/index.ts";
import type { Decision } from "../kube/decision.ts";
import type { PlanInput, PlanStage } from "./plan-input.ts";

/** Which pools there are to be, and what could not be placed. */
export interface Plan {
  /** Sorted by name. */
  readonly pools: readonly PlannedPool[];
  readonly routes: readonly Route[];
  readonly unplaced: readonly Unplaced[];
  /** Replicas that the plan gives up, with why. Those `Moved` stay in their pool until their sessions have moved. */
  readonly leaving: readonly Leaving[];
  /** Pools of the planner's that have nothing left to do. */
  readonly retired: readonly string[];
  readonly hints: readonly GeometryHint[];
  /** Of all packs that sessions are planned for. */
  readonly pricePerHourMicros: number;
}

/** A better way to plan replaces this function; `verifyPlan` holds for every one. */
export type Planner = (input: PlanInput) => Plan;

export interface PlannedPool extends Decision {
  readonly name: string;
  readonly site: string;
  readonly acceleratorClass: string;
  readonly share: Share;
  /** Sorted by stage; each stage once. */
  readonly members: readonly PlanStage[];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** By member, in sessions; sums over all packs. */
  readonly sessions: readonly number[];
  /** One for each replica up to maxReplicas: where the plan found room. */
  readonly packs: readonly PlannedPack[];
  readonly managed: boolean;
}

export interface PlannedPack {
  readonly node: string | undefined;
  /** The replica that is there already. */
  readonly replica: string | undefined;
}

/** So many sessions of a pipeline run over these pools. */
export interface Route {
  readonly pipeline: string;
  readonly tenants: readonly string[];
  /** Site of their gateway; undefined: capacity that is guaranteed, but not in use anywhere. */
  readonly origin: string | undefined;
  readonly sessions: number;
  readonly tier: Tier;
  readonly stages: readonly { readonly stage: string; readonly site: string }[];
}

/** guaranteed comes before the rest of the demand, that before headroom. */
export type Tier = "guaranteed" | "demand" | "headroom";

export interface Unplaced extends Decision {
  readonly pipeline: string;
  readonly tenants: readonly string[];
  readonly origin: string | undefined;
  readonly sessions: number;
  /** The stage that found no place; undefined: it is about the pipeline as a whole. */
  readonly stage: string | undefined;
}

export interface Leaving extends Decision {
  readonly pool: string;
  readonly replica: string;
}

/** A cut of devices that would place more; Troupe never makes it. */
export interface GeometryHint extends Decision {
  readonly site: string;
  readonly acceleratorClass: string;
}
