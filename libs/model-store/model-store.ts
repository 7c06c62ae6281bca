import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { resolveName } from "./aliases.ts";
import { cacheFolders } from "./cache-folder.ts";
import { createFileVerifier, type FileVerifier } from "./file-verifier.ts";
import type { ModelManifest, ModelVariant } from "./manifest.ts";
import { checkFileOf } from "./model-check.ts";
import { type ModelPolicy, readModelPolicy } from "./model-policy.ts";
import { readTrustedManifest } from "./trusted-manifest.ts";
import { chooseVariant, filesOf } from "./variants.ts";

export interface ResolvedModel {
  readonly manifest: ModelManifest;
  /** Undefined for a model that has only one form. */
  readonly variant?: ModelVariant | undefined;
  /**
   * Absolute path of a verified file of the manifest; of a variant's `<name>/x` also as `x`.
   * @throws ServiceError MODEL_UNKNOWN
   */
  file(path: string): string;
}

export interface ModelStore {
  /**
   * Finds a model and verifies it: policy, sha256 of every file, tensors of every graph. Manifests and aliases are read anew each
   * time, so that a changed alias counts from the next call on; a file is hashed again only when it has changed on disk.
   * @param name an id or an alias; `id:variant` asks for a variant
   * @throws ServiceError MODEL_UNKNOWN, MODEL_MISSING, MODEL_CORRUPT, MODEL_REFUSED, INVALID_CONFIG
   */
  resolve(name: string): Promise<ResolvedModel>;
}

export interface ModelStoreOptions {
  /** The folder of `<id>/manifest.json`, aliases.json and policy.json. */
  readonly manifestDir: string;
  /** See defaultCacheDir. */
  readonly cacheDir: string;
  /** Default: policy.json of `manifestDir`; without that file everything is let through. */
  readonly policy?: ModelPolicy | undefined;
}

/** Finds the models that `pullModels` has put into the cache. Reads only; never downloads. */
export function createModelStore(options: ModelStoreOptions): ModelStore {
  const verifier = createFileVerifier();
  return { resolve: (name) => resolveModel(options, verifier, name) };
}

async function resolveModel(options: ModelStoreOptions, verifier: FileVerifier, name: string): Promise<ResolvedModel> {
  const { id, variant: variantName } = await resolveName(options.manifestDir, name);
  const manifest = await readTrustedManifest(options.manifestDir, id, options.policy ?? (await readModelPolicy(options.manifestDir)));
  const variant = chooseVariant(manifest, variantName);
  const folder = join(cacheFolders(options.cacheDir).models, id);
  const files = filesOf(manifest, variant);
  for (const file of files) {
    const check = await checkFileOf(manifest, file, options.cacheDir, verifier);
    if (check.state === "intact") continue;
    const [reason, detail] =
      check.state === "missing" ? (["MODEL_MISSING", "is not there"] as const) : (["MODEL_CORRUPT", check.detail] as const);
    const remedy = `run \`make models\` (or \`troupe models pull ${id}\`)`;
    throw new ServiceError(reason, `model ${id}: ${join(folder, file.path)} ${detail}; ${remedy}`, { metadata: { model: id } });
  }
  const paths = new Set(files.map((file) => file.path));
  return {
    manifest,
    variant,
    file(path) {
      const own = variant ? `${variant.name}/${path}` : path;
      const found = [own, path].find((candidate) => paths.has(candidate));
      if (found === undefined) throw new ServiceError("MODEL_UNKNOWN", `the manifest of ${id} lists no file ${path}`);
      return join(folder, found);
    },
  };
}
