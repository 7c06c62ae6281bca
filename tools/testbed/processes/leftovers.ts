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
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(ownName) || isRunning(await ownerOf(folder))) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(folder);
  }
  for (const name of await testbedCgroups(ownName)) {
    if (isRunning(Number(/^\d+/.exec(name.slice(ownName.length))?.[0]))) continue;
    await removeCgroups(name, signal);
    removed.push(name);
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
