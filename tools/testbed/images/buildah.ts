import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { withModelLock } from "@troupe/model-store";
import { execute } from "../processes/execute.ts";

/** An image as a file. */
export interface ImageArchive {
  /** Such as `localhost/pause:testbed`. */
  readonly reference: string;
  /** A docker archive, as `ctr images import` reads it. Absolute. */
  readonly path: string;
}

/**
 * Builds `context`/Containerfile into an archive, without a daemon. Layers that did not change come from buildah's storage under the cache.
 * @throws ServiceError TOOL_MISSING, BACKEND_FAILED, CANCELLED
 */
export async function bud(context: string, archive: ImageArchive, cacheDir: string, signal: AbortSignal): Promise<void> {
  const storage = join(cacheDir, "testbed", "buildah");
  const common = ["--root", join(storage, "root"), "--runroot", join(storage, "run"), "--storage-driver", "overlay"];
  const label = `org.opencontainers.image.ref.name=${archive.reference}`;
  const shape = ["--isolation", "chroot", "--layers", "--timestamp", "0", "--format", "docker", "--label", label];
  const build = ["bud", ...shape, "-t", archive.reference, context];
  const part = `${archive.path}.part`;
  await withModelLock(cacheDir, "testbed-buildah", { signal }, async () => {
    await buildah([...common, ...build], signal);
    await rm(part, { force: true });
    await buildah([...common, "push", "--quiet", archive.reference, `docker-archive:${part}:${archive.reference}`], signal);
    await rename(part, archive.path);
    await buildah([...common, "rmi", "--prune"], signal);
  });
}

async function buildah(args: readonly string[], signal: AbortSignal): Promise<void> {
  await execute("buildah", args, { signal }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ServiceError("TOOL_MISSING", "buildah is missing; install it with: apt-get install buildah", {
      metadata: { tool: "buildah" },
    });
  });
}
