import { existsSync } from "node:fs";
import { mkdir, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../processes/wait-for.ts";

const mountPoint = "/sys/fs/cgroup";

/** Makes a cgroup of that name in every hierarchy (cgroup v1) or in the one that there is (v2). */
export async function createCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name), { recursive: true });
  for (const [file, weight] of weights) {
    const path = join(mountPoint, file.replace("<name>", name));
    if (existsSync(path)) await writeFile(path, weight);
  }
}

// All of a node competes with each single thread of the rest of the machine; by default with the weight of one.
const weights = [
  ["cpu/<name>/cpu.shares", "8192"],
  ["<name>/cpu.weight", "800"],
] as const;

/** Removes it with all below it, once the processes in it have ended. @throws ServiceError DEADLINE when they don't */
export async function removeCgroups(name: string, signal: AbortSignal, limitMs = 20_000): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name);
    const removed = async () => {
      await removeTree(folder);
      return true;
    };
    await waitFor(`the end of all processes in ${folder}`, removed, { signal, limitMs, pollMs: 20 });
  }
}

/** Names of the control groups at the top that begin like this, of all hierarchies. */
export async function testbedCgroups(prefix: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const hierarchy of await hierarchies()) {
    for (const name of await readdir(hierarchy)) if (name.startsWith(prefix)) names.add(name);
  }
  return [...names];
}

async function hierarchies(): Promise<readonly string[]> {
  if (existsSync(join(mountPoint, "cgroup.controllers"))) return [mountPoint];
  if (!existsSync(mountPoint)) return [];
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(mountPoint, name));
}

async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder);
}
