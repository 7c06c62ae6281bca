import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { vectorFile } from "./vector-file.ts";

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "troupe-vectors-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "deep", "vectors.bin");
}

const vectors = new Map([
  ["a1".repeat(32), Float32Array.of(0.25, -1, 3)],
  ["07".repeat(32), Float32Array.of(0, 1e-9, 7)],
]);

describe("a vector file", () => {
  it("gives back what was written", async () => {
    const file = vectorFile(await place(), 3);
    await file.write(vectors);
    expect(await file.read()).toEqual(vectors);
  });

  it("counts as empty when it is missing, cut off or of other dimensions", async () => {
    const path = await place();
    expect((await vectorFile(path, 3).read()).size).toBe(0);
    await vectorFile(path, 3).write(vectors);
    expect((await vectorFile(path, 4).read()).size).toBe(0);
    await writeFile(path, Buffer.alloc(50));
    expect((await vectorFile(path, 3).read()).size).toBe(0);
  });
});
