import { createHash } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";

/**
 * A folder of Python packages for the recipes, installed on first use and shared by all models with the same requirements.
 * Two processes may install at once: each into a folder of its own, the first rename wins.
 */
export async function ensureRequirements(
  cacheDir: string,
  requirements: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly dir: string; readonly installed: boolean }> {
  const key = createHash("sha256")
    .update([...requirements].sort().join("\n"))
    .digest("hex")
    .slice(0, 16);
  const dir = join(cacheDir, "python", key);
  if (await exists(dir)) return { dir, installed: false };
  const workDir = `${dir}.${process.pid}.tmp`;
  await mkdir(workDir, { recursive: true });
  try {
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    await runProgram("python3", [...pip, "--target", workDir, ...requirements], { signal });
    await rename(workDir, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  return { dir, installed: true };
}

export interface RecipeRun {
  /** The absolute path of the Python file. */
  readonly recipe: string;
  readonly inputDir: string;
  readonly outputDir: string;
  readonly requirementsDir: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function runRecipe(run: RecipeRun): Promise<void> {
  await mkdir(run.outputDir, { recursive: true });
  await runProgram("python3", ["-B", run.recipe, run.inputDir, run.outputDir], {
    signal: run.signal,
    ...(run.requirementsDir ? { env: { PYTHONPATH: run.requirementsDir } } : {}),
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
