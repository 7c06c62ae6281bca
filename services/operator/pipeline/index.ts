export { createPipelineController, modelsOf, type PipelineDeps, sitesOf, triggerPipelines } from "./pipeline.ts";
export { namesSite, type RoutedStage, servesStage } from "./serves-stage.ts";
