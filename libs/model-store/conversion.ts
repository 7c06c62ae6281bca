import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolders } from "./cache-folder.ts";

import { type RunProgramOptions, runProgram } from "./run-program.ts";
import { installPackages } from "./sources/pip.ts";

/**
 * A folder of Python packages for the recipes, installed on first use and shared by all models with the same requirements.
 * Two pulls may install at once: each into a folder of its own, the first rename wins.
 */
export async function ensureRequirements(cacheDir: string, requirements: readonly string[], options: RunProgramOptions): Promise<string> {
  const key = requirementsKey(requirements);
  const parent = cacheFolders(cacheDir).python;
  const dir = join(parent, key);
  if (await exists(dir)) return dir;
  await mkdir(parent, { recursive: true });
  const workDir = await mkdtemp(join(parent, "install-"));
  try {
    await installPackages(requirements, workDir, options);
    await rename(workDir, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  return dir;
}

/** The name of the folder for these packages. */
export function requirementsKey(requirements: readonly string[]): string {
  return createHash("sha256")
    .update([...requirements].sort().join("\n"))
    .digest("hex")
    .slice(0, 16);
}

export interface RecipeRun extends RunProgramOptions {
  /** The absolute path of the Python file. */
  readonly recipe: string;
  readonly inputDir: string;
  /** Made here. */
  readonly outputDir: string;
  /** See ensureRequirements; undefined when the recipe needs nothing. */
  readonly requirementsDir: string | undefined;
}

export async function runRecipe(run: RecipeRun): Promise<void> {
  await mkdir(run.outputDir, { recursive: true });
  const env = run.requirementsDir ? { ...run.env, PYTHONPATH: run.requirementsDir } : run.env;
  // -B: no compiled files beside the recipe, which lies in the source tree.
  await runProgram("python3", ["-B", run.recipe, run.inputDir, run.outputDir], { env, signal: run.signal });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
