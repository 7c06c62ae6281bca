import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const WEIGHTS = "the weights\n";

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
});
afterEach(() => folders[Symbol.asyncDispose]());

const pulled = async () => await readFile((await folders.resolve()).file("w.txt"), "utf8");

describe("a file beside the manifest", () => {
  it("is taken", async () => {
    await folders.put("tiny/data/w.txt", WEIGHTS);
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { kind: "file", path: "data/w.txt" })] });
    await folders.pull();
    expect(await pulled()).toBe(WEIGHTS);
  });

  it("is looked at before anything is fetched, for conversions too", async () => {
    const far = fileEntry("far.bin", WEIGHTS, { kind: "https", url: "http://127.0.0.1:9/far" });
    const own = fileEntry("w.txt", WEIGHTS, { kind: "file", path: "w.txt" });
    await folders.put("tiny/w.txt", "other weights\n");
    await folders.write({ files: [far, own] });
    await expect(folders.pull()).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining("w.txt") });
    await folders.write({ files: [fileEntry("x", "x", { kind: "conversion", recipe: "c.py" })], conversionInputs: [far, own] });
    await expect(folders.pull()).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining("w.txt") });
  });

  it("is not taken through a link that leads elsewhere", async () => {
    await writeFile(join(folders.dir, "secret.txt"), WEIGHTS);
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { kind: "file", path: "w.txt" })] });
    await symlink(join(folders.dir, "secret.txt"), join(folders.manifestDir, "tiny", "w.txt"));
    await expect(folders.pull()).rejects.toMatchObject({ message: expect.stringContaining("outside of the folders") });
  });

  it("with an absolute path is taken only out of folders that were allowed", async () => {
    const path = join(folders.dir, "mirror", "w.txt");
    await folders.put("../mirror/w.txt", WEIGHTS);
    await folders.put("../mirr/other.txt", WEIGHTS);
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { kind: "file", path })] });
    await expect(folders.pull()).rejects.toMatchObject({ reason: "BACKEND_FAILED" });
    await expect(folders.pull({ fileRoots: [join(folders.dir, "mirr")] })).rejects.toMatchObject({ reason: "BACKEND_FAILED" });
    await folders.pull({ fileRoots: [join(folders.dir, "mirror")] });
    expect(await pulled()).toBe(WEIGHTS);
  });
});

describe("a file in parts", () => {
  const parts = ["a", "b"].map((name) => ({ kind: "file", path: name }) as const);

  it("is joined in their order", async () => {
    await folders.put("tiny/a", "the wei");
    await folders.put("tiny/b", "ghts\n");
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { kind: "joined", parts })] });
    await folders.pull();
    expect(await pulled()).toBe(WEIGHTS);
  });

  it("is refused when the parts are longer than the whole, or in another order", async () => {
    await folders.put("tiny/a", "ghts\n");
    await folders.put("tiny/b", "the wei");
    await folders.write({ files: [fileEntry("w.txt", WEIGHTS, { kind: "joined", parts })] });
    await expect(folders.pull()).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining("sha256") });
    await folders.put("tiny/b", "the weights\n".repeat(100));
    await expect(folders.pull()).rejects.toMatchObject({
      reason: "MODEL_CORRUPT",
      message: expect.stringContaining("more than the 12 bytes"),
    });
  });
});

describe("a conversion", () => {
  const upper = (name: string) => `
import sys
from pathlib import Path
(Path(sys.argv[2]) / "${name}").write_text((Path(sys.argv[1]) / "w.txt").read_text().upper())
`;

  it("reads the files of the model that were there already", async () => {
    const own = fileEntry("w.txt", WEIGHTS, { kind: "file", path: "source.txt" });
    await folders.put("tiny/source.txt", WEIGHTS);
    await folders.write({ files: [own] });
    await folders.pull();
    await folders.put("tiny/source.txt", "no longer needed");
    await folders.put("tiny/convert.py", upper("loud.txt"));
    await folders.write({ files: [own, fileEntry("loud.txt", WEIGHTS.toUpperCase(), { kind: "conversion", recipe: "convert.py" })] });
    await folders.pull();
    expect(await readFile((await folders.resolve()).file("loud.txt"), "utf8")).toBe("THE WEIGHTS\n");
  });

  it("works in a folder that no pull before it had, nor any program that one left behind", async () => {
    const noted = join(folders.dir, "noted.txt");
    const note = `\nwith open("${noted}", "a") as notes: notes.write(sys.argv[2] + "\\n")\n`;
    const own = fileEntry("w.txt", WEIGHTS, { kind: "file", path: "w.txt" });
    await folders.put("tiny/w.txt", WEIGHTS);
    await folders.put("tiny/convert.py", upper("loud.txt") + note);
    await folders.write({ files: [own, fileEntry("loud.txt", "something else", { kind: "conversion", recipe: "convert.py" })] });
    for (let pulls = 0; pulls < 2; pulls++) await expect(folders.pull()).rejects.toMatchObject({ reason: "MODEL_CORRUPT" });
    const [first, second] = (await readFile(noted, "utf8")).trim().split("\n");
    expect(second).toContain(join(folders.cacheDir, "work", "tiny"));
    expect(second).not.toBe(first);
    expect(await readdir(join(folders.cacheDir, "work"))).toEqual([]);
  });

  it("that writes other bytes, or another file, is refused", async () => {
    const own = fileEntry("w.txt", WEIGHTS, { kind: "file", path: "w.txt" });
    await folders.put("tiny/w.txt", WEIGHTS);
    for (const [name, reason] of [["loud.txt", "MODEL_CORRUPT"] as const, ["other.txt", "BACKEND_FAILED"] as const]) {
      await folders.put("tiny/convert.py", upper(name));
      await folders.write({ files: [own, fileEntry("loud.txt", "something else", { kind: "conversion", recipe: "convert.py" })] });
      await expect(folders.pull()).rejects.toMatchObject({ reason });
    }
  });
});
