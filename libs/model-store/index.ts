export type { ModelManifest, ModelStore, ResolvedModel } from "./model-store.ts";
