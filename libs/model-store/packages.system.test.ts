import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BlobServer, startBlobServer } from "./testing/blob-server.ts";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const WEIGHTS = "the weights\n";
const LICENSE = "do as you like\n";

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

  it("that is not there is named, whichever client says so", async () => {
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { ...member("w.txt"), version: "2.0.0" })] });
    await expect(folders.pull({ env: env() })).rejects.toMatchObject({
      reason: "BACKEND_FAILED",
      message: expect.stringContaining("tiny-voices"),
    });
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { ...member("w.txt"), kind: "pypi", package: "tiny-voices" })] });
    const offline = { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: folders.dir };
    await expect(folders.pull({ env: offline })).rejects.toMatchObject({
      reason: "BACKEND_FAILED",
      message: expect.stringContaining("tiny-voices==1.2.1"),
    });
  });
});
