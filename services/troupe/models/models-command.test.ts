import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addModels } from "../commands/models.ts";

const WEIGHTS = "the weights\n";
const SHA256 = createHash("sha256").update(WEIGHTS).digest("hex");

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "models-command-"));
  await writeModel("tiny", "MIT");
  await writeModel("extra-one", "Apache-2.0");
  await put("packs.json", JSON.stringify({ en: ["tiny"], zh: [], extra: ["extra-one"] }));
  await put("aliases.json", JSON.stringify({ "default-asr": "tiny" }));
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  await rm(dir, { recursive: true });
});

async function put(path: string, content: string): Promise<void> {
  await mkdir(join(dir, "models", path, ".."), { recursive: true });
  await writeFile(join(dir, "models", path), content);
}

async function writeModel(id: string, license: string, source: object = { kind: "file", path: "w.txt" }): Promise<void> {
  const files = [{ path: "w.txt", sha256: SHA256, sizeBytes: WEIGHTS.length, sources: [source] }];
  const rest = { format: "text", stage: "asr", roles: ["recognition"], languages: ["en"], origin: "https://example.org" };
  await put(`${id}/manifest.json`, JSON.stringify({ id, license, description: `the model ${id}`, files, ...rest }));
  await put(`${id}/w.txt`, WEIGHTS);
}

/** A model `tiny` that comes from a server of this test. */
async function serveWeights(answer: RequestListener): Promise<AsyncDisposable> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await writeModel("tiny", "MIT", { kind: "https", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w` });
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the command prints, standard error in it. */
async function models(...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  const program = new Command("troupe").exitOverride();
  addModels(program);
  const folders = ["--manifests", join(dir, "models"), "--cache", join(dir, "cache")];
  await program.parseAsync(["models", ...args, ...folders], { from: "user" });
  return lines.join("\n");
}

describe("troupe models", () => {
  it("pull brings the packs en and zh, others when asked, and lists what is there", async () => {
    expect(await models("pull")).toMatch(/tiny: ready[\s\S]*1 model is in/);
    expect(await models("list")).toMatch(/tiny +asr +en +12 B +MIT +en +present +default-asr/);
    expect(await models("list")).toMatch(/extra-one .* missing/);
    await models("pull", "--pack", "all");
    expect(await models("list")).toMatch(/extra-one .* present/);
    expect(await models("pull", "default-asr")).toContain("tiny: present, verified");
    await expect(models("pull", "--pack", "fr")).rejects.toMatchObject({
      reason: "MODEL_UNKNOWN",
      message: expect.stringContaining("en, zh, extra"),
    });
    await expect(models("pull", "nothing")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
  });

  it("pull counts as fetched what came now, not what an earlier one left", async () => {
    const partials = join(dir, "cache", "partials", "tiny");
    await mkdir(partials, { recursive: true });
    await writeFile(join(partials, SHA256), WEIGHTS.slice(0, 4));
    await using _ = await serveWeights((_, response) => {
      response.writeHead(206, { "content-range": `bytes 4-${WEIGHTS.length - 1}/${WEIGHTS.length}` }).end(WEIGHTS.slice(4));
    });
    expect(await models("pull", "tiny")).toMatch(/1 model is in .*, 8 B fetched\)/);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("pull that is told to end by %s clears its work folder", async (signal) => {
    const before = process.listeners(signal);
    await using _ = await serveWeights(() => {
      for (const listener of process.listeners(signal)) if (!before.includes(listener)) listener(signal);
    });
    await expect(models("pull", "tiny")).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(await readdir(join(dir, "cache", "work"))).toEqual([]);
    expect(process.listeners(signal)).toEqual(before);
  });

  it("verify says what is wrong, what to do, and fails where a model is broken or one that was asked for is missing", async () => {
    await models("pull");
    expect(await models("verify")).toMatch(/missing +extra-one/);
    expect(process.exitCode).toBe(0);
    await models("verify", "extra-one");
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
    await writeFile(join(dir, "cache", "models", "tiny", "w.txt"), WEIGHTS.toUpperCase());
    expect(await models("verify")).toMatch(/corrupt +tiny[\s\S]*w\.txt has the sha256[\s\S]*-> troupe models pull tiny/);
    expect(process.exitCode).toBe(1);
    expect(await models("pull")).toContain("tiny: ready");
  });

  it("list says which model the policy refuses, and why", async () => {
    await put("policy.json", JSON.stringify({ requireLicense: ["MIT"] }));
    expect(await models("list")).toMatch(/extra-one is refused: .*Apache-2.0 is not among those allowed/);
  });

  it("card shows the facts and the card", async () => {
    expect(await models("card", "default-asr")).toMatch(/the model tiny[\s\S]*licence +MIT[\s\S]*no card\.md/);
    await put("tiny/card.md", "# What it is for\n");
    expect(await models("card", "tiny")).toContain("# What it is for");
  });

  it("gc says what would go, then removes it", async () => {
    await models("pull", "--pack", "all");
    await rm(join(dir, "models", "extra-one"), { recursive: true });
    expect(await models("gc", "--dry-run")).toContain("would remove models/extra-one, 12 B: no manifest names it");
    expect(await models("gc")).toContain("removed models/extra-one");
    expect(await models("gc")).toContain("nothing to remove");
  });

  it("sign prints what a policy needs", async () => {
    await models("pull", "tiny");
    await writeFile(join(dir, "key.pem"), generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }));
    const said = await models("sign", "tiny", "--key", join(dir, "key.pem"));
    await put("policy.json", said.split("\n").at(-1) ?? "");
    const listed = await models("list");
    expect(listed).toMatch(/tiny .* present/);
    expect(listed).toMatch(/extra-one is refused: .* not signed/);
  });
});
