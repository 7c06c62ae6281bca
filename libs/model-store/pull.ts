import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { resolveName } from "./aliases.ts";
import { type Blobs, createBlobs } from "./blobs.ts";
import { cacheFolders } from "./cache-folder.ts";
import { graphDifference } from "./graph-check.ts";
import type { ModelFile, ModelManifest } from "./manifest.ts";
import { checkFileOf } from "./model-check.ts";
import { type ModelPolicy, readModelPolicy } from "./model-policy.ts";
import { readGraphTensors } from "./onnx-graph.ts";
import type { PullContext } from "./pull-context.ts";
import type { PullEvent } from "./pull-event.ts";
import { withModelLock } from "./pull-lock.ts";
import { listManifests } from "./read-manifest.ts";
import type { Environment } from "./run-program.ts";
import { type Fetcher, fetchFile } from "./sources/file-fetch.ts";
import { localFirst } from "./sources/local-first.ts";
import { createPackageShelf } from "./sources/package-shelf.ts";
import { createRecipes } from "./sources/recipes.ts";
import { readTrustedManifest } from "./trusted-manifest.ts";
import { chooseVariant, filesOf } from "./variants.ts";

export interface PullOptions {
  readonly manifestDir: string;
  readonly cacheDir: string;
  /** For python3, pip and npm: PATH, proxies, PIP_INDEX_URL and the like. */
  readonly env: Environment;
  /** Ids or aliases, also with `:variant`. Default: every manifest. */
  readonly names?: readonly string[] | undefined;
  /** See ModelStoreOptions. */
  readonly policy?: ModelPolicy | undefined;
  /** Absolute folders from which `file` sources with an absolute path may be read. Default: none. */
  readonly fileRoots?: readonly string[] | undefined;
  /** Asked for every file, converted ones too, before its own sources: see mirrorSource. Default: none. */
  readonly mirrors?: readonly string[] | undefined;
  readonly onProgress?: ((event: PullEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings models into the cache: downloads, converts, verifies every sha256 and the graphs' tensors. A model whose files are all
 * intact needs no network. Several processes may pull at once: one works, the others wait. Files appear by rename, so that
 * nobody sees a part of one; what a killed pull leaves is cleared or taken up by the next.
 * @throws ServiceError MODEL_UNKNOWN, MODEL_CORRUPT (no source gave the right bytes), MODEL_REFUSED, TOOL_MISSING, BACKEND_FAILED, CANCELLED
 */
export async function pullModels(options: PullOptions): Promise<void> {
  for (const name of options.names ?? (await listManifests(options.manifestDir))) {
    if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
    await pullModel(name, options);
  }
}

async function pullModel(name: string, options: PullOptions): Promise<void> {
  const { id, variant } = await resolveName(options.manifestDir, name);
  const policy = options.policy ?? (await readModelPolicy(options.manifestDir));
  const manifest = await readTrustedManifest(options.manifestDir, id, policy);
  const wanted = filesOf(manifest, chooseVariant(manifest, variant));
  const present = () => options.onProgress?.({ kind: "present", id });
  if ((await missingFiles(manifest, wanted, options.cacheDir)).length === 0) return present();
  const lock = { signal: options.signal, onWait: () => options.onProgress?.({ kind: "waiting", id }) };
  await withModelLock(options.cacheDir, id, lock, async () => {
    const missing = await missingFiles(manifest, wanted, options.cacheDir);
    if (missing.length === 0) present();
    else await bringFiles(manifest, { wanted, missing }, { ...options, policy });
  });
}

async function missingFiles(manifest: ModelManifest, wanted: readonly ModelFile[], cacheDir: string): Promise<readonly ModelFile[]> {
  const missing: ModelFile[] = [];
  const blobs = createBlobs(cacheDir);
  for (const file of wanted) {
    const check = await checkFileOf(manifest, file, cacheDir);
    if (check.state === "intact") await blobs.share(file, join(cacheFolders(cacheDir).models, manifest.id, file.path));
    else missing.push(file);
  }
  return missing;
}

async function bringFiles(
  manifest: ModelManifest,
  { wanted, missing }: Readonly<Record<"wanted" | "missing", readonly ModelFile[]>>,
  options: PullOptions,
): Promise<void> {
  const folders = cacheFolders(options.cacheDir);
  const { id } = manifest;
  const workDir = await startWork(join(folders.work, id));
  const spentMs = { fetch: 0, install: 0, convert: 0 };
  const context: PullContext = {
    manifest,
    sourceDir: join(options.manifestDir, id),
    cacheDir: options.cacheDir,
    workDir,
    fileRoots: options.fileRoots ?? [],
    mirrors: options.mirrors ?? [],
    runsRecipes: options.policy?.requireSignature === undefined,
    env: options.env,
    signal: options.signal,
    report(event) {
      if (event.kind === "fetched") spentMs.fetch += event.fetchMs;
      if (event.kind === "installed") spentMs.install += event.installMs;
      if (event.kind === "converted") spentMs.convert += event.convertMs;
      options.onProgress?.(event);
    },
  };
  try {
    const blobs = createBlobs(options.cacheDir);
    const fetcher = createFetcher(context, wanted, blobs);
    for (const file of localFirst(missing)) await bringFile(fetcher, file, blobs);
    await rm(join(folders.partials, id), { recursive: true, force: true });
  } finally {
    await clearWork(join(folders.work, id));
  }
  options.onProgress?.({ kind: "pulled", id, fetchMs: spentMs.fetch, installMs: spentMs.install, convertMs: spentMs.convert });
}

/** A new folder each time: a program that a killed pull left running may still write into the folder it was given. */
async function startWork(parent: string): Promise<string> {
  await clearWork(parent);
  await mkdir(parent, { recursive: true });
  return await mkdtemp(join(parent, "pull-"));
}

/** With retries, since such a program may write while its folder goes. */
function clearWork(parent: string): Promise<void> {
  return rm(parent, { recursive: true, force: true, maxRetries: 3 });
}

function createFetcher(context: PullContext, wanted: readonly ModelFile[], blobs: Blobs): Fetcher {
  const fetcher: Fetcher = {
    context,
    shelf: createPackageShelf(context),
    convert: createRecipes(context, wanted, async (file) => (await blobs.find(file)) ?? (await fetchFile(fetcher, file))),
  };
  return fetcher;
}

async function bringFile(fetcher: Fetcher, file: ModelFile, blobs: Blobs): Promise<void> {
  const { manifest } = fetcher.context;
  const path = (await blobs.find(file)) ?? (await blobs.add(file, await fetchFile(fetcher, file)));
  const tensors = manifest.tensors?.[file.path];
  const difference = tensors && graphDifference(readGraphTensors(path), tensors);
  if (difference)
    throw new ServiceError("MODEL_CORRUPT", `model ${manifest.id}: ${file.path}: ${difference}`, { metadata: { model: manifest.id } });
  await blobs.place(file, `${manifest.id}/${file.path}`);
}
