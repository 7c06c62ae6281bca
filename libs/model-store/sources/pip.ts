import { isServiceError, ServiceError } from "@troupe/errors";
import { type RunProgramOptions, runProgram } from "../run-program.ts";

const QUIET = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];

/**
 * Puts the wheel of exactly this package into a folder, from whatever index or mirror pip is set up for.
 * @param platform default: that of this machine
 */
export function downloadWheel(requirement: string, dir: string, platform: string | undefined, options: RunProgramOptions): Promise<void> {
  const other = platform === undefined ? [] : ["--platform", platform];
  return pip(["download", ...QUIET, "--no-deps", ...other, "-d", dir, requirement], options);
}

/** Installs packages and what they depend on into a folder that can be put on PYTHONPATH. */
export function installPackages(requirements: readonly string[], dir: string, options: RunProgramOptions): Promise<void> {
  return pip(["install", ...QUIET, "--target", dir, ...requirements], options);
}

async function pip(args: readonly string[], options: RunProgramOptions): Promise<void> {
  try {
    await runProgram("python3", ["-m", "pip", ...args], options);
  } catch (error) {
    if (!isServiceError(error, "BACKEND_FAILED") || !error.message.includes("No module named pip")) throw error;
    throw new ServiceError("TOOL_MISSING", "pip is not installed: apt-get install python3-pip", { cause: error });
  }
}
