import { cp, link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { execute } from "../processes/execute.ts";
import { billOfMaterials, type Component } from "./bill-of-materials.ts";
import { unpackDebianPackages } from "./debian-packages.ts";
import { type RuntimePackage, runtimePackages } from "./runtime-packages.ts";

/** Where the repository is in the image. */
const home = "troupe";

// Of other platforms, or for compilers and debuggers alone.
const unneeded = [/\/bin\/napi-v\d+\/(darwin|win32)\//, /\/bin\/napi-v\d+\/linux\/(?!x64\/)/, /\.d\.[cm]?ts$/, /\.map$/];
const tests = [/\.test\.ts$/, /\/testing\//];

/**
 * Fills a build context for deploy/images/Containerfile: debian/, packages/ and tree/, from what changes least to what changes most.
 * @returns the bill of materials
 */
export async function layOutImage(root: string, context: string, signal: AbortSignal): Promise<string> {
  const recipe = join(root, "deploy", "images");
  const names = (await readFile(join(recipe, "debian-packages.txt"), "utf8")).split("\n").filter(Boolean);
  await cp(join(recipe, "Containerfile"), join(context, "Containerfile"));
  const debian = await unpackDebianPackages(names, join(context, "debian"), context, signal);
  await linkFile(join(root, "node_modules/node/bin/node"), join(context, "debian/usr/local/bin/node"));

  const packages = await runtimePackages(root, "services/");
  for (const entry of packages) {
    if (entry.workspace) await placeWorkspace(root, entry, context);
    else await linkFolder(join(root, entry.path), join(context, "packages", entry.path), [/\/node_modules\//, ...unneeded]);
  }
  const tree = join(context, "tree", home);
  await linkFolder(join(root, "models"), join(tree, "models"), tests);
  for (const name of ["package.json", "LICENSE", "NOTICE"]) await linkFile(join(root, name), join(tree, name)).catch(ignoreMissing);
  const page = "services/gateway/page";
  await execute(process.execPath, [join(root, page, "build.ts"), join(tree, page, "page.json")], { signal });

  const bom = billOfMaterials("troupe", await versionOf(root), [...debian, await nodeComponent(root), ...packages.map(componentOf)]);
  await mkdir(join(context, "tree/usr/share/troupe"), { recursive: true });
  await writeFile(join(context, "tree/usr/share/troupe/bom.cdx.json"), bom);
  return bom;
}

async function placeWorkspace(root: string, { name, path }: RuntimePackage, context: string): Promise<void> {
  await linkFolder(join(root, path), join(context, "tree", home, path), [/\/node_modules\//, ...tests]);
  const at = join(context, "packages/node_modules", name);
  await mkdir(dirname(at), { recursive: true });
  await symlink(join(relative(dirname(join("node_modules", name)), "."), path), at);
}

/** Hard links, or copies where the two are on different file systems. */
async function linkFolder(from: string, to: string, without: readonly RegExp[]): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const inside = `/${relative(from, path)}`;
    if (!without.some((pattern) => pattern.test(inside))) await linkFile(path, join(to, inside));
  }
}

async function linkFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await cp(from, to);
  });
}

function componentOf({ name, version, licence, workspace }: RuntimePackage): Component {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { type: workspace ? "application" : "library", name, version, purl, licence: workspace ? "Apache-2.0" : licence };
}

async function nodeComponent(root: string): Promise<Component> {
  const version = await versionOf(join(root, "node_modules/node"));
  return { type: "application", name: "node", version, purl: `pkg:npm/node@${version}`, licence: "MIT" };
}

async function versionOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string }).version;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
