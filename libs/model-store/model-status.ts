import { join } from "node:path";
import { isServiceError, ServiceError } from "@troupe/errors";
import { cacheFolders } from "./cache-folder.ts";
import { checkSize, linkedFolder } from "./file-check.ts";
import type { ModelFile, ModelManifest } from "./manifest.ts";
import { checkFileOf } from "./model-check.ts";
import { readModelPolicy } from "./model-policy.ts";
import type { ModelStoreOptions } from "./model-store.ts";
import { listManifests } from "./read-manifest.ts";
import { readTrustedManifest } from "./trusted-manifest.ts";
import { chooseVariant, filesOf } from "./variants.ts";

/** Where a model stands in a cache. */
export interface ModelStatus {
  readonly id: string;
  /** Undefined when it is invalid or refused. */
  readonly manifest: ModelManifest | undefined;
  readonly state: "present" | "missing" | "corrupt" | "refused" | "invalid";
  /** What is wrong, in words; empty for a model that is present. */
  readonly details: readonly string[];
  /** Of the default variant, whether it is there or not. */
  readonly sizeBytes: number;
}

export interface StatusOptions extends ModelStoreOptions {
  /** Default: every manifest. */
  readonly ids?: readonly string[] | undefined;
  /** Reads every file (its sha256, its tensors) instead of its size only. */
  readonly thorough: boolean;
}

/** Looks at the default variants; changes nothing. @throws ServiceError MODEL_UNKNOWN for an id that has no manifest */
export async function inspectModels(options: StatusOptions): Promise<readonly ModelStatus[]> {
  const ids = options.ids ?? (await listManifests(options.manifestDir));
  return await Promise.all(ids.map((id) => inspectModel(id, options)));
}

async function inspectModel(id: string, options: StatusOptions): Promise<ModelStatus> {
  try {
    const manifest = await readTrustedManifest(options.manifestDir, id, options.policy ?? (await readModelPolicy(options.manifestDir)));
    const files = filesOf(manifest, chooseVariant(manifest, undefined));
    const found = await Promise.all(files.map((file) => inspectFile(manifest, file, options)));
    const states = found.map(({ state }) => state);
    return {
      id,
      manifest,
      state: states.includes("corrupt") ? "corrupt" : states.includes("missing") ? "missing" : "present",
      details: found.flatMap(({ detail }) => detail ?? []),
      sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    };
  } catch (error) {
    const failure = ServiceError.from(error);
    const state = isServiceError(failure, "MODEL_REFUSED") ? "refused" : isServiceError(failure, "INVALID_CONFIG") ? "invalid" : undefined;
    if (!state) throw failure;
    return { id, manifest: undefined, state, details: [failure.message], sizeBytes: 0 };
  }
}

async function inspectFile(manifest: ModelManifest, file: ModelFile, options: StatusOptions) {
  const check = options.thorough ? await checkFileOf(manifest, file, options.cacheDir) : await checkQuickly(manifest, file, options);
  if (check.state === "intact") return { state: check.state, detail: undefined };
  return { state: check.state, detail: `${file.path} ${check.state === "missing" ? "is not there" : check.detail}` };
}

async function checkQuickly(manifest: ModelManifest, file: ModelFile, options: StatusOptions) {
  const { models } = cacheFolders(options.cacheDir);
  const link = await linkedFolder(models, `${manifest.id}/${file.path}`);
  if (link) return { state: "corrupt", detail: `lies behind ${link}, which is no folder` } as const;
  return await checkSize(join(models, manifest.id, file.path), file);
}
