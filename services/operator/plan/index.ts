export { type Explained, explain } from "./explain.ts";
export { createPlanner } from "./greedy-planner.ts";
export type { GeometryHint, Leaving, Plan, PlannedPack, PlannedPool, Planner, Route, Tier, Unplaced } from "./plan.ts";
export type {
  Exclusion,
  ExistingPool,
  ExistingReplica,
  ModelNeed,
  PlanClass,
  PlanDemand,
  PlanInput,
  PlanModel,
  PlanOptions,
  PlanPipeline,
  PlanSite,
  PlanStage,
  PlanTenant,
  Profile,
  StageTemplate,
} from "./plan-input.ts";
export { bestFit } from "./policies/best-fit.ts";
export { firstFit } from "./policies/first-fit.ts";
export type { PlacementPolicy } from "./policies/policy.ts";
export { poolName } from "./pool-name.ts";
export { unitKey as memberKey } from "./units.ts";
export { verifyPlan } from "./verify.ts";
