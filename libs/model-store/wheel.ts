import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { downloadWheel } from "./pip.ts";
import { type RunProgramOptions, runProgram } from "./run-program.ts";

export interface Wheel {
  /** The folder into which the wheel was unpacked. */
  readonly dir: string;
  readonly sizeBytes: number;
}

/**
 * Downloads and unpacks a wheel.
 * @param requirement `name==version`
 * @param workDir made here, removed by the caller
 */
export async function fetchWheel(requirement: string, workDir: string, options: RunProgramOptions): Promise<Wheel> {
  const downloadDir = join(workDir, "download");
  const dir = join(workDir, "unpacked");
  await mkdir(downloadDir, { recursive: true });
  await downloadWheel(requirement, downloadDir, options);
  const wheel = (await readdir(downloadDir)).find((file) => file.endsWith(".whl"));
  if (!wheel) throw new ServiceError("BACKEND_FAILED", `pip download ${requirement} left no wheel`);
  const path = join(downloadDir, wheel);
  await runProgram("python3", ["-m", "zipfile", "-e", path, dir], options);
  return { dir, sizeBytes: (await stat(path)).size };
}
