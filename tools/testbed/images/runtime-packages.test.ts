import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runtimePackages } from "./runtime-packages.ts";

describe("runtimePackages", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "troupe-packages-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function install(lock: Record<string, object>, absent: readonly string[] = []): Promise<void> {
    await writeFile(join(root, "package-lock.json"), JSON.stringify({ packages: lock }));
    for (const path of Object.keys(lock)) {
      if (absent.includes(path)) continue;
      await mkdir(join(root, path), { recursive: true });
      await writeFile(join(root, path, "package.json"), JSON.stringify({ name: path.split("node_modules/").pop(), version: "1.0.0" }));
    }
  }
  const paths = async () => (await runtimePackages(root, "services/")).map(({ path }) => path);

  it("takes what services depend on, through workspaces, and leaves what only developers need", async () => {
    await install({
      "services/a": { dependencies: { lib: "1" }, devDependencies: { tool: "1" } },
      "node_modules/lib": { link: true, resolved: "libs/lib" },
      "libs/lib": { dependencies: { deep: "1" } },
      "node_modules/deep": {},
      "node_modules/tool": {},
      loadtest: { dependencies: { tool: "1" } },
    });
    expect(await paths()).toEqual(["libs/lib", "node_modules/deep", "services/a"]);
  });

  it("takes the copy that is nested nearest, as npm resolves it", async () => {
    await install({
      "services/a": { dependencies: { x: "1" } },
      "node_modules/x": { dependencies: { y: "2" } },
      "node_modules/x/node_modules/y": { dependencies: { z: "1" } },
      "node_modules/y": {},
      "node_modules/z": {},
    });
    expect(await paths()).toEqual(["node_modules/x", "node_modules/x/node_modules/y", "node_modules/z", "services/a"]);
  });

  it("leaves out what is not installed here, such as builds for other systems", async () => {
    await install({ "services/a": { optionalDependencies: { win: "1" } }, "node_modules/win": {} }, ["node_modules/win"]);
    expect(await paths()).toEqual(["services/a"]);
  });
});
