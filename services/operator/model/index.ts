export { type CatalogueEntry, createModelCatalogue, type ModelCatalogue } from "./catalogue.ts";
export { createModelController, type ModelDeps, triggerModels } from "./model.ts";
export { speaks } from "./model-status.ts";
