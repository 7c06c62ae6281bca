import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programPath } from "./program-cache.ts";
import { goFolder, programs } from "./program-table.ts";

const { signal } = new AbortController();
const log = () => undefined;

describe("programs", () => {
  it.each(Object.values(programs).filter(({ source, name }) => "folder" in source && name !== "pause"))(
    "$name has the version that its go.mod requires",
    async (program) => {
      const folder = "folder" in program.source ? program.source.folder : "";
      const module = await readFile(join(goFolder, folder, "go.mod"), "utf8");
      expect(module).toMatch(new RegExp(`^(require |\\t)${program.module} v${program.version.replaceAll(".", "\\.")}$`, "m"));
    },
  );
});

describe("ready-built copies", () => {
  const { module, version } = programs.helm;
  const content = `#!/bin/sh\n# \t${module}\tv${version}\th1:x\n`;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "troupe-copies-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function putCopy(text: string, sum?: string): Promise<void> {
    const packed = zstdCompressSync(text);
    await writeFile(join(folder, "helm.zst"), packed);
    await writeFile(join(folder, "SHA256SUMS"), `${sum ?? createHash("sha256").update(packed).digest("hex")}  helm.zst\n`);
  }
  const take = () => programPath("helm", { cacheDir: join(folder, "cache"), readyBuiltDir: folder, signal, log });

  it("are unpacked once, and are then in the cache", async () => {
    await putCopy(content);
    const path = await take();
    expect(await readFile(path, "utf8")).toBe(content);
    await rm(join(folder, "SHA256SUMS"));
    expect(await take()).toBe(path);
  });

  it("are refused when they are not what SHA256SUMS says", async () => {
    await putCopy(content, "0".repeat(64));
    await expect(take()).rejects.toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringContaining(`not ${"0".repeat(64)}`) });
  });

  it("are looked for where SHA256SUMS is", async () => {
    await expect(take()).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });
});
