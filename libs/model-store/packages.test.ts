import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const WEIGHTS = "the weights\n";
const CONVERTED = "THE WEIGHTS\n";
const member = { kind: "pypi", package: "tiny-model", version: "1.0", member: "tiny_model/weights.txt" } as const;

/** Writes what it reads in capitals, by the wheel's own module. */
const RECIPE = `
import sys
from pathlib import Path
from tiny_model import shout
(Path(sys.argv[2]) / "nested").mkdir()
(Path(sys.argv[2]) / "nested" / "loud.txt").write_text(shout((Path(sys.argv[1]) / "weights.txt").read_text()))
`;

let folders: StoreFolders;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  folders = await createStoreFolders();
  env = { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: join(folders.dir, "wheels") };
});
afterEach(() => folders[Symbol.asyncDispose]());

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

describe("a model out of a package", () => {
  it("is downloaded, what the recipe needs is installed, it is converted, and nothing else is left", async () => {
    await writeWheel();
    await folders.put("tiny/convert.py", RECIPE);
    await folders.write({
      files: [fileEntry("nested/loud.txt", CONVERTED, { kind: "conversion", recipe: "convert.py" })],
      conversionInputs: [fileEntry("weights.txt", WEIGHTS, member)],
      conversionRequirements: ["tiny-model==1.0"],
    });
    const events = await folders.pull({ env });
    const steps = events.map((event) => event.kind).filter((kind) => kind !== "received");
    expect(steps).toEqual(["fetching", "fetched", "installing", "converting", "converted", "pulled"]);
    expect(await readFile((await folders.resolve()).file("nested/loud.txt"), "utf8")).toBe(CONVERTED);
    expect((await readdir(folders.cacheDir)).sort()).toEqual(["blobs", "locks", "models", "python", "work"]);
    expect(await readdir(join(folders.cacheDir, "blobs", "sha256")), "inputs are not kept").toHaveLength(1);
    expect(await readdir(join(folders.cacheDir, "work"))).toEqual([]);
  });

  it("says which program is missing", async () => {
    await folders.write({ files: [fileEntry("weights.txt", WEIGHTS, member)] });
    const empty = { ...env, PATH: folders.dir };
    await expect(folders.pull({ env: empty })).rejects.toMatchObject({
      reason: "TOOL_MISSING",
      message: expect.stringContaining("python3"),
    });
    await folders.write({ files: [fileEntry("weights.txt", WEIGHTS, { ...member, kind: "npm" })] });
    await expect(folders.pull({ env: empty })).rejects.toMatchObject({ reason: "TOOL_MISSING", message: expect.stringContaining("npm") });
  });
});
