import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Where it is installed, from the root of the checkout. */
  readonly folder: string;
  readonly development: boolean;
  /** Installed on some platforms only. */
  readonly optional: boolean;
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      link: z.boolean().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
});

/** The packages of package-lock.json that are not our own, by name and version; one that ships and is developed with counts as shipped. */
export async function lockedPackages(root: string): Promise<readonly LockedPackage[]> {
  const lock = lockSchema.parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
  const found = new Map<string, LockedPackage>();
  for (const [folder, entry] of Object.entries(lock.packages)) {
    const [, name] = folder.split(/(?:^|\/)node_modules\/(?!.*node_modules\/)/);
    if (!name || entry.link) continue;
    const { version = "", license } = entry;
    if (!license) throw new Error(`package-lock.json has no licence for ${name}; look at its package.json`);
    const development = Boolean(entry.dev || entry.devOptional);
    const key = `${name} ${version}`;
    if (!found.get(key) || !development)
      found.set(key, {
        name,
        version,
        license: license.replace(/^\((.*)\)$/, "$1"),
        folder,
        development,
        optional: Boolean(entry.optional),
      });
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
}
