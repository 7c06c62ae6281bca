import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolders } from "./cache-folder.ts";
import { checkFile, checkSize, type FileIdentity, linkedFolder } from "./file-check.ts";

/** The content-addressed part of a cache: each file once, named by its sha256, shared by the models that list it. */
export interface Blobs {
  /** The blob's path if it is there and intact. */
  find(file: FileIdentity): Promise<string | undefined>;
  /** Moves a verified file in and returns its new path. */
  add(file: FileIdentity, verifiedPath: string): Promise<string>;
  /** Shares a verified file that lies elsewhere in the cache, unless there is a blob for it. */
  share(file: FileIdentity, verifiedPath: string): Promise<void>;
  /** Makes models/`path` the blob; whatever was there is replaced in one step, links on the way by folders. */
  place(file: FileIdentity, path: string): Promise<void>;
}

export function createBlobs(cacheDir: string): Blobs {
  const { blobs, models } = cacheFolders(cacheDir);
  const pathOf = (file: FileIdentity) => join(blobs, file.sha256);
  return {
    async find(file) {
      const path = pathOf(file);
      const { state } = await checkFile(path, file);
      return state === "intact" ? path : undefined;
    },
    async add(file, verifiedPath) {
      await mkdir(blobs, { recursive: true });
      await rename(verifiedPath, pathOf(file));
      return pathOf(file);
    },
    async share(file, verifiedPath) {
      if ((await checkSize(pathOf(file), file)).state === "intact") return;
      await mkdir(blobs, { recursive: true });
      await linkOrCopy(verifiedPath, pathOf(file));
    },
    async place(file, path) {
      for (let link = await linkedFolder(models, path); link; link = await linkedFolder(models, path)) await rm(link, { recursive: true });
      const to = join(models, path);
      await mkdir(dirname(to), { recursive: true });
      await linkOrCopy(pathOf(file), to);
    },
  };
}

/**
 * By way of a second name, so that nobody sees a half: a hard link, or a copy where the file system has none.
 * Hard rather than symbolic: the target of a symbolic link can change after the check.
 */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const next = `${to}.${randomUUID()}.new`;
  try {
    await link(from, next).catch(() => copyFile(from, next, constants.COPYFILE_EXCL));
    await rename(next, to);
  } finally {
    // rename(2) leaves both names when they are already the same file.
    await rm(next, { force: true });
  }
}
