import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withModelLock } from "@troupe/model-store";
import { buildProgram } from "./build-program.ts";
import { programKey } from "./program-key.ts";
import { type Program, type ProgramName, programs } from "./program-table.ts";
import { unpackCopy } from "./unpack-copy.ts";

export interface ProgramCacheOptions {
  /** Built programs are kept under `<cacheDir>/testbed/<name>-<key>/`. */
  readonly cacheDir: string;
  /** A folder with `<name>.zst` and SHA256SUMS, used instead of building. */
  readonly readyBuiltDir?: string | undefined;
  readonly signal: AbortSignal;
  /** One line a step that takes long. */
  readonly log: (line: string) => void;
}

/**
 * Absolute path of a program, which is built (or unpacked) first where the cache lacks it. Only one process at a time builds the same one.
 * @throws ServiceError TOOL_MISSING, BACKEND_FAILED, CANCELLED
 */
export async function programPath(name: ProgramName, options: ProgramCacheOptions): Promise<string> {
  const program = programs[name];
  const target = join(options.cacheDir, "testbed", `${name}-${await programKey(program)}`, name);
  if (existsSync(target)) return target;
  const onWait = () => options.log(`${name}: another process is making it`);
  await withModelLock(options.cacheDir, `testbed-${name}`, { signal: options.signal, onWait }, async () => {
    if (existsSync(target)) return;
    await make(program, target, options);
  });
  return target;
}

async function make(program: Program, target: string, options: ProgramCacheOptions): Promise<void> {
  const { readyBuiltDir, signal, log } = options;
  const startMs = performance.now();
  const unpacked = readyBuiltDir !== undefined && (await unpackCopy(program, readyBuiltDir, target));
  if (!unpacked) {
    log(`${program.name} ${program.version}: building${program.name === "kube" ? ", which takes minutes" : ""}`);
    await buildProgram(program, target, signal);
  }
  for (const link of program.links ?? []) await symlink(program.name, join(dirname(target), link)).catch(ignoreExisting);
  log(`${program.name} ${program.version}: ${unpacked ? "unpacked" : "built"} in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
