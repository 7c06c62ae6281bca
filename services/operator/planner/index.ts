export {
  type Autoscaler,
  type AutoscalerDeps,
  type AutoscalerOptions,
  createAutoscalerController,
  triggerAutoscaler,
} from "./autoscaler.ts";
export type { DemandSource, ReplicaLoad, SiteDemand } from "./demand-source.ts";
export { createFleetSource } from "./fleet-source.ts";
export { type PlanLoop, type PlanLoops, type PlanLoopsOptions, planLoops, readPoolTemplates } from "./loops.ts";
export type { PoolTemplates } from "./plan-input.ts";
export { createPlanStore, type KnownPlan, type PlanStore } from "./plan-store.ts";
export { createPlannerController, type PlannerDeps, type PlannerOptions, planKey } from "./planner.ts";
export { triggerPlanner } from "./triggers.ts";
