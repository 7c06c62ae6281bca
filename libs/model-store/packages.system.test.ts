import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BlobServer, startBlobServer } from "./testing/blob-server.ts";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const WEIGHTS = "the weights\n";
const CONVERTED = "THE WEIGHTS\n";
const LICENSE = "do as you like\n";

const wheelMember = { kind: "pypi", package: "tiny-model", version: "1.0", member: "tiny_model/weights.txt" } as const;

/** Writes what it reads in capitals, by the wheel's own module. */
const RECIPE = `
import sys
from pathlib import Path
from tiny_model import shout
(Path(sys.argv[2]) / "nested").mkdir()
(Path(sys.argv[2]) / "nested" / "loud.txt").write_text(shout((Path(sys.argv[1]) / "weights.txt").read_text()))
`;

let folders: StoreFolders;
let registry: BlobServer;

beforeEach(async () => {
  folders = await createStoreFolders();
  registry = await startBlobServer();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await folders[Symbol.asyncDispose]();
});

/** What the npm client asks a registry for: the versions of a package, and a tarball. */
async function publish(): Promise<void> {
  const dir = join(folders.dir, "package");
  await mkdir(join(dir, "voices"), { recursive: true });
  await writeFile(join(dir, "package.json"), JSON.stringify({ name: "@test/tiny-voices", version: "1.2.1" }));
  await writeFile(join(dir, "voices", "one.bin"), WEIGHTS);
  await writeFile(join(dir, "LICENSE"), LICENSE);
  const tarball = execFileSync("tar", ["-cz", "-C", folders.dir, "package"]);
  const dist = { tarball: `${registry.url}/tiny-voices-1.2.1.tgz` };
  const versions = { "1.2.1": { name: "@test/tiny-voices", version: "1.2.1", dist } };
  registry.on("/@test%2ftiny-voices", (_, response) =>
    response.end(JSON.stringify({ name: "@test/tiny-voices", "dist-tags": {}, versions })),
  );
  registry.serve("/tiny-voices-1.2.1.tgz", tarball);
}

const pipEnv = () => ({ ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: join(folders.dir, "wheels") });

async function writeWheel(): Promise<void> {
  const content = join(folders.dir, "content");
  const info = join(content, "tiny_model-1.0.dist-info");
  for (const dir of [join(content, "tiny_model"), info, join(folders.dir, "wheels")]) await mkdir(dir, { recursive: true });
  await writeFile(join(content, "tiny_model", "weights.txt"), WEIGHTS);
  await writeFile(join(content, "tiny_model", "__init__.py"), "def shout(text):\n    return text.upper()\n");
  await writeFile(join(info, "METADATA"), "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n");
  await writeFile(join(info, "WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
  await writeFile(join(info, "RECORD"), "tiny_model/weights.txt,,\ntiny_model/__init__.py,,\n");
  const wheel = join(folders.dir, "wheels", "tiny_model-1.0-py3-none-any.whl");
  execFileSync("python3", ["-m", "zipfile", "-c", wheel, "tiny_model", "tiny_model-1.0.dist-info"], { cwd: content });
}

const member = (path: string) => ({ kind: "npm", package: "@test/tiny-voices", version: "1.2.1", member: path }) as const;
const env = () => ({ ...process.env, npm_config_registry: registry.url, npm_config_cache: join(folders.dir, "npm-cache") });

describe("a package of a registry", () => {
  it("comes through npm, once for all its files", async () => {
    await publish();
    await folders.write({
      files: [fileEntry("voices/one.bin", WEIGHTS, member("voices/one.bin")), fileEntry("LICENSE", LICENSE, member("LICENSE"))],
    });
    await folders.pull({ env: env() });
    expect(await readFile((await folders.resolve()).file("voices/one.bin"), "utf8")).toBe(WEIGHTS);
    expect(registry.requests.filter(({ path }) => path.endsWith(".tgz"))).toHaveLength(1);
  });

  it("is not read through a link in it that leads elsewhere", async () => {
    await writeFile(join(folders.dir, "secret.txt"), WEIGHTS);
    await mkdir(join(folders.dir, "package", "voices"), { recursive: true });
    await symlink(join(folders.dir, "secret.txt"), join(folders.dir, "package", "voices", "link.bin"));
    await publish();
    await folders.write({ files: [fileEntry("voices/link.bin", WEIGHTS, member("voices/link.bin"))] });
    await expect(folders.pull({ env: env() })).rejects.toMatchObject({ message: expect.stringContaining("outside of the folders") });
  });

  it("that is not there is named, whichever client says so", async () => {
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { ...member("w.txt"), version: "2.0.0" })] });
    await expect(folders.pull({ env: env() })).rejects.toMatchObject({
      reason: "BACKEND_FAILED",
      message: expect.stringContaining("tiny-voices"),
    });
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { ...member("w.txt"), kind: "pypi", package: "tiny-voices" })] });
    await expect(folders.pull({ env: pipEnv() })).rejects.toMatchObject({
      reason: "BACKEND_FAILED",
      message: expect.stringContaining("tiny-voices==1.2.1"),
    });
  });
});

describe("a model out of a package", () => {
  it("is downloaded out of a wheel, what the recipe needs is installed, it is converted, and nothing else is left", async () => {
    await writeWheel();
    await folders.put("tiny/convert.py", RECIPE);
    await folders.write({
      files: [fileEntry("nested/loud.txt", CONVERTED, { kind: "conversion", recipe: "convert.py" })],
      conversionInputs: [fileEntry("weights.txt", WEIGHTS, wheelMember)],
      conversionRequirements: ["tiny-model==1.0"],
    });
    const events = await folders.pull({ env: pipEnv() });
    const steps = events.map((event) => event.kind).filter((kind) => kind !== "received");
    expect(steps).toEqual(["fetching", "fetched", "installing", "installed", "converting", "converted", "pulled"]);
    expect(await readFile((await folders.resolve()).file("nested/loud.txt"), "utf8")).toBe(CONVERTED);
    expect((await readdir(folders.cacheDir)).sort()).toEqual(["blobs", "locks", "models", "python", "work"]);
    expect(await readdir(join(folders.cacheDir, "blobs", "sha256")), "inputs are not kept").toHaveLength(1);
    expect(await readdir(join(folders.cacheDir, "work"))).toEqual([]);
  });
});
