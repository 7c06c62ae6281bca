import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolders } from "./cache-folder.ts";
import { checkFile, type FileIdentity, linkedFolder } from "./file-check.ts";

/** The content-addressed part of a cache: each file once, named by its sha256, shared by the models that list it. */
export interface Blobs {
  /** The blob's path if it is there and intact; a damaged one is removed. */
  find(file: FileIdentity): Promise<string | undefined>;
  /** Moves a verified file in and returns its new path. */
  add(file: FileIdentity, verifiedPath: string): Promise<string>;
  /** Shares a verified file that lies elsewhere in the cache. */
  share(file: FileIdentity, verifiedPath: string): Promise<void>;
  /** Makes `folder`/`path` the blob; whatever was there is replaced in one step. */
  place(file: FileIdentity, folder: string, path: string): Promise<void>;
}

export function createBlobs(cacheDir: string): Blobs {
  const { blobs } = cacheFolders(cacheDir);
  const pathOf = (file: FileIdentity) => join(blobs, file.sha256);
  return {
    async find(file) {
      const path = pathOf(file);
      const { state } = await checkFile(path, file);
      if (state === "corrupt") await rm(path, { recursive: true, force: true });
      return state === "intact" ? path : undefined;
    },
    async add(file, verifiedPath) {
      await mkdir(blobs, { recursive: true });
      await rename(verifiedPath, pathOf(file));
      return pathOf(file);
    },
    async share(file, verifiedPath) {
      await mkdir(blobs, { recursive: true });
      await linkOrCopy(verifiedPath, pathOf(file));
    },
    async place(file, folder, path) {
      for (let link = await linkedFolder(folder, path); link; link = await linkedFolder(folder, path)) await rm(link, { recursive: true });
      const to = join(folder, path);
      await mkdir(dirname(to), { recursive: true });
      await linkOrCopy(pathOf(file), to);
    },
  };
}

/**
 * By way of a second name, so that nobody sees a half: a hard link, or a copy where the file system has none.
 * Hard rather than symbolic: ONNX Runtime refuses external data behind a link, and a link's target can change after the check.
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
