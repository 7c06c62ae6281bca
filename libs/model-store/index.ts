export { defaultCacheDir } from "./cache-folder.ts";
export { listManifests, type ModelFile, type ModelManifest, type ModelSource, readManifest } from "./manifest.ts";
export { createModelStore, type ModelStore, type ModelStoreOptions, type ResolvedModel } from "./model-store.ts";
export { type PullEvent, type PullOptions, pullModels } from "./pull.ts";
