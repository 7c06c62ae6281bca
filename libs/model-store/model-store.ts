import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { modelDir } from "./cache-folder.ts";
import { checkFile } from "./file-check.ts";
import { type ModelManifest, readManifest } from "./manifest.ts";

export interface ResolvedModel {
  readonly manifest: ModelManifest;
  /** Absolute path of a file of the manifest, verified by sha256 once per process. */
  file(path: string): string;
}

export interface ModelStore {
  /** @throws ServiceError MODEL_UNKNOWN, MODEL_MISSING, MODEL_CORRUPT */
  resolve(id: string): Promise<ResolvedModel>;
}

export interface ModelStoreOptions {
  /** The folder of `<id>/manifest.json`. */
  readonly manifestDir: string;
  /** See defaultCacheDir. */
  readonly cacheDir: string;
}

/** Finds the models that `pullModels` has put into the cache. Reads only; never downloads. */
export function createModelStore(options: ModelStoreOptions): ModelStore {
  const resolved = new Map<string, Promise<ResolvedModel>>();
  return {
    resolve(id) {
      let model = resolved.get(id);
      if (!model) {
        model = resolveModel(options, id);
        resolved.set(id, model);
        // A failure is not remembered: the files may be pulled while the process runs.
        model.catch(() => resolved.delete(id));
      }
      return model;
    },
  };
}

async function resolveModel(options: ModelStoreOptions, id: string): Promise<ResolvedModel> {
  const manifest = await readManifest(options.manifestDir, id);
  const folder = modelDir(options.cacheDir, id);
  for (const file of manifest.files) {
    const path = join(folder, file.path);
    const check = await checkFile(path, file);
    if (check.state === "missing") {
      throw new ServiceError("MODEL_MISSING", `model ${id}: ${path} is not there; run \`make models\``, { metadata: { model: id } });
    }
    if (check.state === "corrupt") {
      throw new ServiceError("MODEL_CORRUPT", `model ${id}: ${path} has ${check.detail}; run \`make models\``, { metadata: { model: id } });
    }
  }
  const paths = new Set(manifest.files.map((file) => file.path));
  return {
    manifest,
    file(path) {
      if (!paths.has(path)) throw new ServiceError("MODEL_UNKNOWN", `the manifest of ${id} lists no file ${path}`);
      return join(folder, path);
    },
  };
}
