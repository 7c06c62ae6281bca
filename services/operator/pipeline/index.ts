export { createPipelineController, modelsOf, type PipelineDeps, sitesOf, triggerPipelines } from "./pipeline.ts";
