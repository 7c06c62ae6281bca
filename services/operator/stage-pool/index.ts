export { createStagePoolController, type StagePoolDeps, type StagePoolOptions } from "./stage-pool.ts";
export { poolKeyOf, triggerPools } from "./triggers.ts";
