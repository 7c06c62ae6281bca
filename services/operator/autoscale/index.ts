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
export { countRefused, type Refusal, type StageCount, sessionsByPipeline } from "./demand.ts";
