export {
  type AutoscalePolicy,
  type AutoscaleState,
  autoscale,
  type MemberLoad,
  noState,
  type PoolObservation,
  type ScaleDecision,
  usualPolicy,
} from "./autoscale.ts";
export { type StageCount, sessionsByPipeline } from "./demand.ts";
