import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { withModelLock } from "@troupe/model-store";
import type { ImageArchive } from "../images/buildah.ts";
import { execute } from "../processes/execute.ts";
import { keepNewest } from "../processes/keep-newest.ts";

export interface ImageStoreOptions {
  readonly cacheDir: string;
  /** Runs containerd on a root folder, which may hold some of the images already, imports all, and ends it. */
  readonly importInto: (root: string) => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** How many sets of images are kept. */
const kept = 3;

/**
 * Gives containerd a root folder in which the images are there already. To import them takes a node many seconds, so each set is imported
 * once and kept; nodes get hard links to the files, which containerd and overlayfs never change, and copies of the two databases.
 * @param root absolute; does not exist yet
 */
export async function placeImageStore(images: readonly ImageArchive[], root: string, options: ImageStoreOptions): Promise<void> {
  const { cacheDir, importInto, signal, log } = options;
  const folder = join(cacheDir, "testbed", "image-stores");
  const ready = join(folder, await keyOf(images));
  await withModelLock(cacheDir, "testbed-image-stores", { signal, onWait: () => log("another process imports images") }, async () => {
    if (!existsSync(ready)) {
      log(`importing ${images.map(({ reference }) => reference).join(", ")}`);
      const work = `${ready}.part`;
      await rm(work, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      // What the newest has, this one need not unpack again.
      const [newest] = await keepNewest(folder, kept - 1);
      if (newest) await copyTree(join(folder, newest), work, signal);
      await importInto(work);
      await rename(work, ready);
    }
    await copyTree(ready, root, signal);
  });
}

async function keyOf(images: readonly ImageArchive[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { reference, path } of images) {
    const { size, mtimeMs } = await stat(path);
    hash.update(JSON.stringify({ reference, path, size, mtimeMs }));
  }
  return hash.digest("hex").slice(0, 12);
}

async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  await execute("cp", ["-al", from, to], { signal }).catch(async (error: unknown) => {
    if (!String(error).includes("cross-device")) throw error;
    await rm(to, { recursive: true, force: true });
    await execute("cp", ["-a", from, to], { signal });
  });
  for (const folder of (await readdir(to, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
    for (const name of await readdir(join(to, folder.name))) {
      if (!name.endsWith(".db")) continue;
      const path = join(to, folder.name, name);
      await copyFile(path, `${path}.copy`);
      await rename(`${path}.copy`, path);
    }
  }
}
