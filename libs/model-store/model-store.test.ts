import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultCacheDir } from "./cache-folder.ts";
import { inspectModels } from "./model-status.ts";
import { createModelStore } from "./model-store.ts";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const WEIGHTS = "the weights\n";
const FLIPPED = "the Weights\n";

let folders: StoreFolders;
/** The only file of the model in the cache. */
let cached: string;

beforeEach(async () => {
  folders = await createStoreFolders();
  cached = join(folders.cacheDir, "models", "tiny", "nested", "w.txt");
  await folders.put("tiny/w.txt", WEIGHTS);
  await folders.write({ files: [fileEntry("nested/w.txt", WEIGHTS, { kind: "file", path: "w.txt" })] });
});
afterEach(() => folders[Symbol.asyncDispose]());

describe("resolving a model", () => {
  it("finds verified files and no other", async () => {
    await folders.pull();
    const model = await folders.resolve();
    expect(model.manifest.id).toBe("tiny");
    expect(model.file("nested/w.txt")).toBe(cached);
    expect(() => model.file("w.txt")).toThrow(expect.objectContaining({ reason: "MODEL_UNKNOWN" }));
  });

  it("tells a model that is unknown, missing, cut short and damaged apart, with what to do", async () => {
    const store = createModelStore(folders);
    await expect(store.resolve("other")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(store.resolve("../models/tiny")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(store.resolve("tiny")).rejects.toMatchObject({
      reason: "MODEL_MISSING",
      message: expect.stringContaining("troupe models pull tiny"),
    });
    await folders.pull();
    await writeFile(cached, "the");
    await expect(store.resolve("tiny")).rejects.toMatchObject({
      reason: "MODEL_CORRUPT",
      message: expect.stringContaining("3 bytes instead of 12"),
    });
    await writeFile(cached, FLIPPED);
    await expect(store.resolve("tiny")).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining("sha256") });
  });

  it("sees a byte that flips after it was found intact, and a pull that heals it, without a restart", async () => {
    const store = createModelStore(folders);
    await folders.pull();
    await store.resolve("tiny");
    await writeFile(cached, FLIPPED);
    await expect(store.resolve("tiny")).rejects.toMatchObject({ reason: "MODEL_CORRUPT" });
    expect((await folders.pull()).map((event) => event.kind)).toEqual(["pulled"]);
    expect(await readFile((await store.resolve("tiny")).file("nested/w.txt"), "utf8")).toBe(WEIGHTS);
    expect(await readdir(join(cached, "..")), "no second names are left").toEqual(["w.txt"]);
  });

  it("heals out of the blobs when only the model's folder is gone, without a source", async () => {
    await folders.pull();
    await rm(join(folders.cacheDir, "models"), { recursive: true });
    await rm(join(folders.manifestDir, "tiny", "w.txt"));
    await folders.pull();
    await expect(folders.resolve()).resolves.toBeDefined();
  });
});

describe("links in the cache", () => {
  it("are refused in place of a file or a folder, even when they lead to the right bytes", async () => {
    await folders.pull();
    const elsewhere = join(folders.dir, "elsewhere");
    await mkdir(elsewhere);
    await rename(cached, join(elsewhere, "w.txt"));
    await symlink(join(elsewhere, "w.txt"), cached);
    await expect(folders.resolve()).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining("is a link") });
    await rm(join(cached, ".."), { recursive: true });
    await symlink(elsewhere, join(cached, ".."));
    await expect(folders.resolve()).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining("is no folder") });
  });

  it("are replaced by a pull, which writes nothing through them", async () => {
    const elsewhere = join(folders.dir, "elsewhere");
    await mkdir(elsewhere);
    await mkdir(join(folders.cacheDir, "models"), { recursive: true });
    await symlink(elsewhere, join(folders.cacheDir, "models", "tiny"));
    await folders.pull();
    await expect(folders.resolve()).resolves.toBeDefined();
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it("above the models are the operator's affair: a cache on another disk", async () => {
    await mkdir(join(folders.dir, "disk"));
    await symlink(join(folders.dir, "disk"), folders.cacheDir);
    await folders.pull();
    await expect(folders.resolve()).resolves.toBeDefined();
  });
});

describe("aliases", () => {
  it("name another model from the next resolve on, without a restart", async () => {
    await folders.write({
      id: "better",
      files: [fileEntry("w.txt", WEIGHTS, { kind: "file", path: "../tiny/w.txt" })].map((file) => ({
        ...file,
        sources: [{ kind: "file", path: "w.txt" }],
      })),
    });
    await folders.put("better/w.txt", WEIGHTS);
    await folders.put("aliases.json", JSON.stringify({ "default-asr": "tiny" }));
    await folders.pull();
    const store = createModelStore(folders);
    expect((await store.resolve("default-asr")).manifest.id).toBe("tiny");
    await folders.put("aliases.json", JSON.stringify({ "default-asr": "better" }));
    expect((await store.resolve("default-asr")).manifest.id).toBe("better");
  });

  it("are followed by a pull, and lead nowhere by themselves", async () => {
    await folders.put("aliases.json", JSON.stringify({ one: "tiny", two: "one", constructor2: "none" }));
    await folders.pull({ names: ["one"] });
    await expect(folders.resolve("one")).resolves.toBeDefined();
    await expect(folders.resolve("two")).rejects.toMatchObject({
      reason: "INVALID_CONFIG",
      message: expect.stringContaining("alias itself"),
    });
    await expect(folders.resolve("constructor2")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(folders.resolve("constructor")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await folders.put("aliases.json", "{");
    await expect(folders.resolve("one")).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });
});

describe("variants", () => {
  beforeEach(async () => {
    for (const name of ["int8", "fp32", "words"]) await folders.put(`tiny/${name}.txt`, name);
    const from = (name: string) => ({ kind: "file", path: `${name}.txt` }) as const;
    await folders.write({
      variants: [
        { name: "int8", precision: "int8", default: true, files: ["w.txt"] },
        { name: "fp32", precision: "fp32", files: ["fp32/w.txt"] },
      ],
      files: [
        fileEntry("w.txt", "int8", from("int8")),
        fileEntry("fp32/w.txt", "fp32", from("fp32")),
        fileEntry("words.txt", "words", from("words")),
      ],
    });
  });
  const read = async (name: string, path: string) => await readFile((await folders.resolve(name)).file(path), "utf8");

  it("are one by default, another when asked for, under the same names for the loader", async () => {
    await folders.pull({ names: ["tiny", "tiny:fp32"] });
    expect(await read("tiny", "w.txt")).toBe("int8");
    expect(await read("tiny:fp32", "w.txt")).toBe("fp32");
    expect(await read("tiny:fp32", "words.txt")).toBe("words");
    expect((await folders.resolve("tiny:fp32")).variant?.precision).toBe("fp32");
  });

  it("are pulled one at a time", async () => {
    await folders.pull();
    await expect(folders.resolve("tiny:fp32")).rejects.toMatchObject({ reason: "MODEL_MISSING" });
    await expect(folders.resolve("tiny:fp16")).rejects.toMatchObject({
      reason: "MODEL_UNKNOWN",
      message: expect.stringContaining("int8, fp32"),
    });
  });

  it("can stand in an alias, which the name overrules", async () => {
    await folders.put("aliases.json", JSON.stringify({ "default-asr": "tiny:fp32" }));
    await folders.pull({ names: ["default-asr", "tiny"] });
    expect(await read("default-asr", "w.txt")).toBe("fp32");
    expect(await read("default-asr:int8", "w.txt")).toBe("int8");
  });
});

describe("the state of models", () => {
  it("is told by size at a glance, by every byte when asked", async () => {
    await folders.write({ id: "absent", files: [fileEntry("w.txt", WEIGHTS, { kind: "file", path: "w.txt" })] });
    await folders.put("broken/manifest.json", "{}");
    await folders.pull({ names: ["tiny"] });
    await writeFile(cached, FLIPPED);
    const statesOf = async (thorough: boolean) => (await inspectModels({ ...folders, thorough })).map(({ id, state }) => `${id} ${state}`);
    expect(await statesOf(false)).toEqual(["absent missing", "broken invalid", "tiny present"]);
    expect(await statesOf(true)).toEqual(["absent missing", "broken invalid", "tiny corrupt"]);
  });
});

describe("defaultCacheDir", () => {
  it("follows TROUPE_CACHE_DIR, else lies in the home folder", () => {
    expect(defaultCacheDir({ TROUPE_CACHE_DIR: "/data" }, "/home/me")).toBe("/data");
    expect(defaultCacheDir({}, "/home/me")).toBe("/home/me/.cache/troupe");
  });
});
