import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** An installed npm package that a service needs when it runs. */
export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /** Relative to the repository's root; a folder of the repository itself for a workspace. */
  readonly path: string;
  /** Whether it is part of this repository. */
  readonly workspace: boolean;
  readonly licence: string | undefined;
}

interface LockEntry {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, LockEntry>>;

/**
 * Everything that the workspaces below a folder depend on, as npm resolves it: the nearest node_modules upwards. Packages that are not
 * installed, as those for other platforms, are left out.
 * @param folder such as `services/`
 */
export async function runtimePackages(root: string, folder: string): Promise<readonly RuntimePackage[]> {
  const lock = (JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as { packages: Lock }).packages;
  const found = new Map<string, RuntimePackage>();
  const open = Object.keys(lock).filter((path) => path.startsWith(folder) && !path.includes("node_modules"));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entry = lock[path];
    if (!entry || found.has(path) || !existsSync(join(root, path))) continue;
    if (entry.link && entry.resolved) {
      open.push(entry.resolved);
      continue;
    }
    found.set(path, await describe(root, path, entry));
    const needed = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies };
    for (const name of Object.keys(needed)) open.push(...resolve(lock, path, name));
  }
  return [...found.values()].filter(({ name }) => !name.startsWith("@types/")).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function describe(root: string, path: string, entry: LockEntry): Promise<RuntimePackage> {
  const own = JSON.parse(await readFile(join(root, path, "package.json"), "utf8")) as { name: string; version: string; license?: unknown };
  const licence = entry.license ?? (typeof own.license === "string" ? own.license : undefined);
  return { name: own.name, version: own.version, path, workspace: !path.includes("node_modules/"), licence };
}

function resolve(lock: Lock, from: string, name: string): readonly string[] {
  for (const folder of [...foldersAbove(from), ""]) {
    const path = join(folder, "node_modules", name);
    if (lock[path]) return [path];
  }
  return [];
}

/** A package's folder, and those of the packages that it is nested in, from the innermost. */
function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/node_modules/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/node_modules/"));
}
