export { createPipelineController, modelsOf, type PipelineDeps, sitesOf, triggerPipelines } from "./pipeline.ts";
export { type RoutedStage, servesStage } from "./serves-stage.ts";
