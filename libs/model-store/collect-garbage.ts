import { lstat, readdir, rm, rmdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { ServiceError } from "@troupe/errors";
import { cacheFolders } from "./cache-folder.ts";
import { requirementsKey } from "./conversion.ts";
import type { ModelManifest } from "./manifest.ts";
import { withModelLock } from "./pull-lock.ts";
import { listManifests, readManifest } from "./read-manifest.ts";

export interface GarbageOptions {
  readonly manifestDir: string;
  readonly cacheDir: string;
  /** Only says what would go. */
  readonly dryRun: boolean;
  /** Wall-clock time, in ms since 1970: what a pull left behind goes a day after its last change. */
  readonly nowMs: number;
}

export interface Garbage {
  /** Relative to the cache folder. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly reason: "no manifest names it" | "left behind by a pull";
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Removes from the cache what no manifest of `manifestDir` names, and what broken-off pulls left more than a day ago. Folders that
 * are not the store's stay as they are. A folder of manifests that is empty or unreadable removes nothing: that is rather a
 * mistaken path than the wish to lose every model.
 * @throws ServiceError INVALID_CONFIG
 */
export async function collectGarbage(options: GarbageOptions): Promise<readonly Garbage[]> {
  const manifests = await readAll(options.manifestDir);
  const cacheDir = resolve(options.cacheDir);
  const folders = cacheFolders(cacheDir);
  const named = await unnamed(cacheDir, manifests);
  const left = [
    ...(await entriesOf(folders.partials)),
    ...(await entriesOf(folders.work)),
    ...(await entriesOf(folders.python)).filter(isUnfinished),
    ...(await entriesOf(folders.blobs)).filter(isUnfinished),
  ];
  const garbage: Garbage[] = [];
  for (const path of named) garbage.push(await describe(cacheDir, path, "no manifest names it"));
  for (const path of left) {
    if (options.nowMs - (await newestChangeMs(path)) > DAY_MS) garbage.push(await describe(cacheDir, path, "left behind by a pull"));
  }
  if (!options.dryRun) for (const { path } of garbage) await remove(cacheDir, path);
  return garbage;
}

async function readAll(manifestDir: string): Promise<readonly ModelManifest[]> {
  const ids = await listManifests(manifestDir);
  if (ids.length === 0) throw new ServiceError("INVALID_CONFIG", `${manifestDir} holds no manifests; nothing was removed`);
  return await Promise.all(ids.map((id) => readManifest(manifestDir, id)));
}

async function unnamed(cacheDir: string, manifests: readonly ModelManifest[]): Promise<readonly string[]> {
  const folders = cacheFolders(cacheDir);
  const hashes = new Set(manifests.flatMap((manifest) => manifest.files.map((file) => file.sha256)));
  const environments = new Set(manifests.map((manifest) => requirementsKey(manifest.conversionRequirements ?? [])));
  const files = new Map(manifests.map((manifest) => [manifest.id, new Set(manifest.files.map((file) => file.path))]));
  const found = [
    ...(await entriesOf(folders.blobs)).filter((path) => !hashes.has(nameOf(path)) && !isUnfinished(path)),
    ...(await entriesOf(folders.python)).filter((path) => !environments.has(nameOf(path)) && !isUnfinished(path)),
  ];
  for (const modelDir of await entriesOf(folders.models)) {
    const paths = files.get(nameOf(modelDir));
    if (!paths) found.push(modelDir);
    else found.push(...(await filesBelow(modelDir)).filter((path) => !paths.has(path.slice(modelDir.length + 1))));
  }
  return found;
}

/** A pull that is under way keeps its model's lock: only what nobody holds is removed. */
async function remove(cacheDir: string, path: string): Promise<void> {
  const [folder, id] = path.split(sep);
  const absolute = join(cacheDir, path);
  const removeIt = () => rm(absolute, { recursive: true, force: true });
  if (id && (folder === "models" || folder === "partials" || folder === "work")) await withModelLock(cacheDir, id, {}, removeIt);
  else await removeIt();
  if (folder === "models") await removeEmptyParents(join(cacheDir, "models"), absolute);
}

async function removeEmptyParents(root: string, path: string): Promise<void> {
  for (let folder = join(path, ".."); folder.startsWith(root + sep); folder = join(folder, "..")) {
    if ((await entriesOf(folder)).length > 0) return;
    await rmdir(folder);
  }
}

/** What a pull renames once it is complete: see ensureRequirements and createBlobs. */
function isUnfinished(path: string): boolean {
  return nameOf(path).startsWith("install-") || nameOf(path).endsWith(".new");
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort().map((name) => join(folder, name));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

async function describe(cacheDir: string, path: string, reason: Garbage["reason"]): Promise<Garbage> {
  const sizes = await Promise.all(
    [path, ...(await filesBelow(path))].map((file) => lstat(file).then((found) => (found.isFile() ? found.size : 0))),
  );
  return { path: relative(cacheDir, path), sizeBytes: sizes.reduce((sum, size) => sum + size, 0), reason };
}

async function newestChangeMs(path: string): Promise<number> {
  const changes = await Promise.all([path, ...(await filesBelow(path))].map((file) => lstat(file).then((found) => found.mtimeMs)));
  return Math.max(...changes);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(sep) + 1);
}
