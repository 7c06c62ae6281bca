export { type CatalogueEntry, createModelCatalogue, type ModelCatalogue } from "./catalogue.ts";
export { followKeptProfiles, type KeptProfiles, type KeptProfilesDeps } from "./kept-profiles.ts";
export { createModelController, type ModelDeps, modelsOfPool, triggerModels } from "./model.ts";
export { speaks } from "./model-status.ts";
