import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectGarbage, type GarbageOptions } from "./collect-garbage.ts";
import { withModelLock } from "./pull-lock.ts";
import { createStoreFolders, fileEntry, type StoreFolders, sha256Of } from "./testing/store-folders.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 0, 1);

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
  await folders.put("tiny/w.txt", "the weights\n");
  await folders.put("old/old.txt", "old weights\n");
  await folders.write({ files: [fileEntry("nested/w.txt", "the weights\n", { kind: "file", path: "w.txt" })] });
  await folders.write({ id: "old", files: [fileEntry("old.txt", "old weights\n", { kind: "file", path: "old.txt" })] });
  await folders.pull();
});
afterEach(() => folders[Symbol.asyncDispose]());

async function putInCache(path: string, ageHours = 0): Promise<void> {
  const absolute = join(folders.cacheDir, path);
  await mkdir(join(absolute, ".."), { recursive: true });
  await writeFile(absolute, "12345");
  const time = new Date(NOW_MS - ageHours * HOUR_MS);
  await utimes(absolute, time, time);
  await utimes(join(absolute, ".."), time, time);
}

async function collect(options: Partial<GarbageOptions> = {}): Promise<readonly string[]> {
  const garbage = await collectGarbage({ ...folders, dryRun: false, nowMs: NOW_MS, ...options });
  return garbage.map(({ path }) => path);
}

describe("collecting garbage", () => {
  it("removes nothing that a manifest names", async () => {
    expect(await collect()).toEqual([]);
    await expect(folders.resolve()).resolves.toBeDefined();
  });

  it("removes blobs, models and files that no manifest names any more", async () => {
    await putInCache("models/tiny/before/w.txt");
    await putInCache("models/gone/w.txt");
    await putInCache("python/0123456789abcdef/onnx.py");
    await folders.write({ id: "old", files: [fileEntry("new.txt", "new weights\n", { kind: "file", path: "new.txt" })] });
    const expected = [
      `blobs/sha256/${sha256Of("old weights\n")}`,
      "models/gone",
      "models/old/old.txt",
      "models/tiny/before/w.txt",
      "python/0123456789abcdef",
    ];
    expect((await collect({ dryRun: true })).toSorted()).toEqual(expected);
    expect((await collect({ dryRun: true })).toSorted(), "the first look removed nothing").toEqual(expected);
    expect((await collect()).toSorted()).toEqual(expected);
    expect(await collect()).toEqual([]);
    expect(await readdir(join(folders.cacheDir, "models", "tiny"))).toEqual(["nested"]);
    await expect(folders.resolve()).resolves.toBeDefined();
  });

  it.each([
    ["ends with a slash", (dir: string) => `${dir}/`],
    ["goes a way round", (dir: string) => `${dir}/./models/..`],
    ["is relative", (dir: string) => `./${relative(process.cwd(), dir)}`],
  ])("removes the same, and says the same, when the cache's path %s", async (_, spell) => {
    await putInCache("models/gone/w.txt");
    expect(await collect({ cacheDir: spell(folders.cacheDir) })).toEqual(["models/gone"]);
    expect(await readdir(join(folders.cacheDir, "models"))).toEqual(["old", "tiny"]);
  });

  it("removes what a broken-off pull left, a day later", async () => {
    await putInCache("partials/tiny/abc", 23);
    await putInCache("partials/other/abc", 25);
    await putInCache("work/tiny/stage", 25);
    await putInCache("python/install-abc/x", 25);
    await putInCache("blobs/sha256/abc.new", 25);
    await putInCache("blobs/sha256/def.new", 23);
    expect((await collect()).toSorted()).toEqual(["blobs/sha256/abc.new", "partials/other", "python/install-abc", "work/tiny"]);
    expect(await readdir(join(folders.cacheDir, "partials"))).toEqual(["tiny"]);
  });

  it("waits for a pull that is under way", async () => {
    await putInCache("models/gone/w.txt");
    let collected: Promise<unknown> = Promise.resolve();
    await withModelLock(folders.cacheDir, "gone", {}, async () => {
      let done = false;
      collected = collect().then(() => {
        done = true;
      });
      // Looking alone takes as long as all of it does without the lock.
      for (let looks = 0; looks < 3; looks++) await collect({ dryRun: true });
      expect(done).toBe(false);
      expect(await readdir(join(folders.cacheDir, "models"))).toContain("gone");
    });
    await collected;
    expect(await readdir(join(folders.cacheDir, "models"))).not.toContain("gone");
  });

  it("leaves alone what is not the store's, and everything when there are no manifests", async () => {
    await putInCache("embeddings/vectors.bin", 1000);
    expect(await collect()).toEqual([]);
    await mkdir(join(folders.dir, "empty"));
    await expect(collect({ manifestDir: join(folders.dir, "empty") })).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    await folders.put("old/manifest.json", "{}");
    await expect(collect()).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });
});
