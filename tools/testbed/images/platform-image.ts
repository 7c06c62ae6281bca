import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withModelLock } from "@troupe/model-store";
import { keepNewest } from "../processes/keep-newest.ts";
import { bud, type ImageArchive } from "./buildah.ts";
import { layOutImage } from "./lay-out.ts";

export interface PlatformImageOptions {
  readonly cacheDir: string;
  /** Default dev. */
  readonly tag?: string;
  /** Announces contracts that are one minor older than this checkout's, as the release before it does; default false. */
  readonly olderContracts?: boolean;
  readonly signal: AbortSignal;
  readonly log?: (line: string) => void;
}

export interface PlatformImage extends ImageArchive {
  /** CycloneDX, the same as in the image. */
  readonly billOfMaterials: string;
}

const root = join(import.meta.dirname, "../../..");
/** Older images, of an archive and a bill of materials each. */
const kept = 2;
const sources = ["services", "libs", "models", "deploy/images"];

/** The image that runs every service, built from this checkout unless the cache holds it already; a few are kept there. */
export async function platformImage(options: PlatformImageOptions): Promise<PlatformImage> {
  const { cacheDir, tag = "dev", olderContracts = false, signal, log = () => undefined } = options;
  const folder = join(cacheDir, "testbed", "images");
  const base = join(folder, `troupe-${tag}-${await sourceKey()}`);
  const image = { reference: `localhost/troupe:${tag}`, path: `${base}.tar`, billOfMaterials: `${base}.cdx.json` };
  await mkdir(folder, { recursive: true });
  await withModelLock(
    cacheDir,
    `testbed-image-${tag}`,
    { signal, onWait: () => log("another process is building the image") },
    async () => {
      if (existsSync(image.path)) return;
      const startMs = performance.now();
      log(`${image.reference}: building`);
      // Others may just be loading an older one.
      await keepNewest(folder, 2 * kept, (name) => name.startsWith(`troupe-${tag}-`));
      await build(image, olderContracts, options);
      log(`${image.reference}: built in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    },
  );
  return image;
}

async function build(image: PlatformImage, olderContracts: boolean, { cacheDir, signal }: PlatformImageOptions): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), "troupe-image-"));
  try {
    await writeFile(image.billOfMaterials, await layOutImage(root, context, signal));
    if (olderContracts) await makeContractsOlder(context);
    await bud(context, image, cacheDir, signal);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function makeContractsOlder(context: string): Promise<void> {
  const path = join(context, "tree/troupe/libs/contracts/version.ts");
  const older = (await readFile(path, "utf8")).replace(/(?<=contractMinor = )\d+/u, (minor) => `${Number(minor) - 1}`);
  // Not written over: it is the checkout's own file.
  await rm(path);
  await writeFile(path, older);
}

async function sourceKey(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(root, "package-lock.json")));
  for (const folder of sources) {
    for (const entry of (await readdir(join(root, folder), { withFileTypes: true, recursive: true })).sort(byPath)) {
      if (!entry.isFile() || entry.parentPath.includes("node_modules")) continue;
      const path = join(entry.parentPath, entry.name);
      hash.update(`\0${path.slice(root.length)}\0`).update(await readFile(path));
    }
  }
  return hash.digest("hex").slice(0, 12);
}

function byPath(a: { readonly parentPath: string; readonly name: string }, b: typeof a): number {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}
