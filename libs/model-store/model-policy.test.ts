import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ModelManifest } from "./manifest.ts";
import type { ModelPolicy } from "./model-policy.ts";
import { createModelStore } from "./model-store.ts";
import { signManifest } from "./sign-manifest.ts";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const file = fileEntry("w.txt", "the weights\n", { kind: "file", path: "w.txt" });

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
  await folders.put("tiny/w.txt", "the weights\n");
  await folders.write({ files: [file] });
  await folders.pull();
});
afterEach(() => folders[Symbol.asyncDispose]());

const resolveWith = (policy: ModelPolicy) => createModelStore({ ...folders, policy }).resolve("tiny");
const refused = (message: string) => ({ reason: "MODEL_REFUSED", message: expect.stringContaining(message) });

async function writeKey(): Promise<{ readonly keyPath: string; readonly publicKey: KeyObject }> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const keyPath = join(folders.dir, "key.pem");
  await writeFile(keyPath, privateKey.export({ format: "pem", type: "pkcs8" }));
  return { keyPath, publicKey };
}

describe("a policy on licences", () => {
  it.each([
    ["MIT", ["MIT"], true],
    ["MIT", ["Apache-2.0"], false],
    ["MIT OR GPL-3.0-only", ["MIT"], true],
    ["MIT AND CC-BY-NC-4.0", ["MIT"], false],
    ["MIT AND CC-BY-4.0", ["MIT", "CC-BY-4.0"], true],
    ["a licence of our own", ["MIT"], false],
  ])("has for %s, where %j are allowed: %s", async (license, requireLicense, allowed) => {
    await folders.write({ files: [file], license });
    if (allowed) await expect(resolveWith({ requireLicense })).resolves.toBeDefined();
    else await expect(resolveWith({ requireLicense })).rejects.toMatchObject(refused(license));
  });
});

describe("a policy on signatures", () => {
  it("lets a model through that a trusted key signed, and none that changed since", async () => {
    const { keyPath, publicKey } = await writeKey();
    const line = await signManifest(folders.manifestDir, "tiny", keyPath);
    const pem = String(publicKey.export({ format: "pem", type: "spki" }));
    await expect(resolveWith({ requireSignature: [line] })).resolves.toBeDefined();
    await expect(resolveWith({ requireSignature: [pem] })).resolves.toBeDefined();
    await folders.write({ files: [file], description: "changed" });
    await expect(resolveWith({ requireSignature: [line] })).rejects.toMatchObject(refused("none of the trusted keys"));
  });

  it("refuses a model that nobody signed, or somebody else", async () => {
    const other = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).toString("base64");
    await expect(resolveWith({ requireSignature: [other] })).rejects.toMatchObject(refused("not signed"));
    const { keyPath } = await writeKey();
    await signManifest(folders.manifestDir, "tiny", keyPath);
    await expect(resolveWith({ requireSignature: [other] })).rejects.toMatchObject(refused("none of the trusted keys"));
    await expect(resolveWith({ requireSignature: [] })).rejects.toMatchObject(refused("none of the trusted keys"));
    await folders.put("tiny/manifest.sig", "not base64 at all");
    await expect(resolveWith({ requireSignature: [other] })).rejects.toMatchObject(refused("none of the trusted keys"));
  });

  it("runs no recipe, which the signature does not cover", async () => {
    await folders.put("tiny/convert.py", "raise SystemExit('it ran')");
    await folders.write({ files: [fileEntry("converted.txt", "x", { kind: "conversion", recipe: "convert.py" })] });
    const { keyPath } = await writeKey();
    const requireSignature = [await signManifest(folders.manifestDir, "tiny", keyPath)];
    await expect(folders.pull({ policy: { requireSignature } })).rejects.toMatchObject(refused("convert.py"));
    await expect(folders.pull()).rejects.toMatchObject({ message: expect.stringContaining("it ran") });
  });

  it("says when a key is none", async () => {
    await folders.put("tiny/manifest.sig", "AAAA");
    await expect(resolveWith({ requireSignature: ["AAAA"] })).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    await expect(signManifest(folders.manifestDir, "tiny", join(folders.dir, "none"))).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ format: "pem", type: "pkcs8" });
    await writeFile(join(folders.dir, "rsa.pem"), rsa);
    await expect(signManifest(folders.manifestDir, "tiny", join(folders.dir, "rsa.pem"))).rejects.toMatchObject({
      reason: "INVALID_CONFIG",
    });
  });
});

describe("a policy on filings", () => {
  it("wants a filing number", async () => {
    await expect(resolveWith({ requireFilingNumber: true })).rejects.toMatchObject(refused("filingNumber"));
    await folders.write({ files: [file], filingNumber: "12345" } satisfies Partial<ModelManifest>);
    await expect(resolveWith({ requireFilingNumber: true })).resolves.toBeDefined();
  });
});

describe("policy.json beside the models", () => {
  it("counts for loading and pulling where nothing else is said, at once", async () => {
    const store = createModelStore(folders);
    await store.resolve("tiny");
    await folders.put("policy.json", JSON.stringify({ requireLicense: ["Apache-2.0"] }));
    await expect(store.resolve("tiny")).rejects.toMatchObject(refused("Apache-2.0"));
    await expect(folders.pull()).rejects.toMatchObject(refused("Apache-2.0"));
    await expect(resolveWith({})).resolves.toBeDefined();
    await folders.put("policy.json", JSON.stringify({ requireLicence: ["Apache-2.0"] }));
    await expect(store.resolve("tiny"), "a misspelt demand is none").rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    expect(await readFile(join(folders.manifestDir, "policy.json"), "utf8")).toContain("requireLicence");
  });
});
