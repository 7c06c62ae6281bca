import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes all but the newest entries of a folder.
 * @param count how many stay
 * @param matches whether a name is one of those to choose from
 * @returns the names that stay, newest first
 */
export async function keepNewest(
  folder: string,
  count: number,
  matches: (name: string) => boolean = () => true,
): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter(matches);
  const entries = await Promise.all(names.map(async (name) => ({ name, madeMs: (await stat(join(folder, name))).mtimeMs })));
  const sorted = entries.sort((a, b) => b.madeMs - a.madeMs).map(({ name }) => name);
  for (const name of sorted.slice(count)) await rm(join(folder, name), { recursive: true, force: true });
  return sorted.slice(0, count);
}
