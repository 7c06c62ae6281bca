import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import type { PackageSource } from "../model-source.ts";
import type { PullContext } from "../pull-context.ts";
import { describeSource } from "./describe-source.ts";
import { fetchPackage, type UnpackedPackage } from "./package-archive.ts";

/** The packages that one pull has unpacked, each once however many files come out of it. */
export interface PackageShelf {
  /** The folder of the package. @throws ServiceError as fetchPackage */
  take(source: PackageSource): Promise<string>;
}

const WATCH_MS = 500;

export function createPackageShelf(context: PullContext): PackageShelf {
  const packages = new Map<string, Promise<UnpackedPackage>>();
  return {
    async take(source) {
      const key = describeSource(source);
      const known = packages.get(key);
      if (known) return (await known).dir;
      const fetched = fetchReported(context, source, key, packages.size);
      packages.set(key, fetched);
      return (await fetched).dir;
    },
  };
}

async function fetchReported(context: PullContext, source: PackageSource, from: string, index: number): Promise<UnpackedPackage> {
  const { id } = context.manifest;
  const workDir = join(context.workDir, "packages", String(index));
  // Clients write their unfinished downloads here: that shows how far they are, and goes with the work folder.
  const downloadDir = join(workDir, "download");
  const temporaryDir = join(downloadDir, "temporary");
  await mkdir(temporaryDir, { recursive: true });
  context.report({ kind: "fetching", id, from, resumedBytes: 0 });
  const startMs = performance.now();
  const watch = watchFolder(downloadDir, (receivedBytes) =>
    context.report({ kind: "received", id, from, receivedBytes, totalBytes: undefined }),
  );
  try {
    const options = { env: { ...context.env, TMPDIR: temporaryDir }, signal: context.signal };
    const unpacked = await fetchPackage(source, workDir, options);
    context.report({ kind: "fetched", id, from, sizeBytes: unpacked.sizeBytes, fetchMs: performance.now() - startMs });
    return unpacked;
  } catch (error) {
    throw ServiceError.from(error);
  } finally {
    clearInterval(watch);
  }
}

function watchFolder(dir: string, onSize: (sizeBytes: number) => void): NodeJS.Timeout {
  return setInterval(() => {
    folderSize(dir).then(onSize, () => undefined);
  }, WATCH_MS);
}

async function folderSize(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)).then((found) => found.size)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
