import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { execute } from "../processes/execute.ts";

/**
 * Builds `context`/Containerfile into a docker archive, without a daemon. What buildah keeps while it works is thrown away.
 * @throws ServiceError TOOL_MISSING, BACKEND_FAILED
 */
export async function bud(
  context: string,
  archive: { readonly reference: string; readonly path: string },
  signal: AbortSignal,
): Promise<void> {
  const storage = await mkdtemp(join(tmpdir(), "troupe-buildah-"));
  const common = ["--root", join(storage, "root"), "--runroot", join(storage, "run"), "--storage-driver", "vfs"];
  try {
    const build = [
      "bud",
      "--isolation",
      "chroot",
      "--layers=false",
      "--timestamp",
      "0",
      "--format",
      "docker",
      "-t",
      archive.reference,
      context,
    ];
    await buildah([...common, ...build], signal);
    await rm(`${archive.path}.part`, { force: true });
    await buildah([...common, "push", "--quiet", archive.reference, `docker-archive:${archive.path}.part:${archive.reference}`], signal);
    await rename(`${archive.path}.part`, archive.path);
  } finally {
    await rm(storage, { recursive: true, force: true });
  }
}

async function buildah(args: readonly string[], signal: AbortSignal): Promise<void> {
  await execute("buildah", args, { signal }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ServiceError("TOOL_MISSING", "buildah is missing; install it with: apt-get install buildah", {
      metadata: { tool: "buildah" },
    });
  });
}
