import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeCgroups, testbedCgroups } from "../node/cgroups.ts";

/** Begins the names of state folders among the temporary files and of control groups. */
export const ownName = "troupe-testbed-";

const ownerFile = "owner.pid";

/** Notes in a state folder whose it is. */
export async function writeOwner(folder: string): Promise<void> {
  await writeFile(join(folder, ownerFile), String(process.pid));
}

/**
 * Removes what test beds of killed processes could not: their state folders and control groups. The kernel has ended everything else
 * (processes, mounts, namespaces, interfaces) with the process.
 * @returns what was removed
 */
export async function removeLeftovers(signal: AbortSignal): Promise<readonly string[]> {
  const removed: string[] = [];
  // Another process may be removing the same, or the kernel still be ending what is in it: then it is for the next time.
  const attempt = async (what: string, remove: () => Promise<void>) => {
    await remove().then(
      () => removed.push(what),
      () => undefined,
    );
  };
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(ownName) || isRunning(await ownerOf(folder))) continue;
    await attempt(folder, () => rm(folder, { recursive: true }));
  }
  for (const name of await testbedCgroups(ownName)) {
    if (isRunning(Number(/^\d+/.exec(name.slice(ownName.length))?.[0]))) continue;
    await attempt(name, () => removeCgroups(name, signal, 2_000));
  }
  return removed;
}

// A folder without a note may just have been made: its owner is taken to run.
async function ownerOf(folder: string): Promise<number> {
  return Number(await readFile(join(folder, ownerFile), "utf8").catch(() => String(process.pid)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
