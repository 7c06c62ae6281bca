import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { licencesPage } from "./licences-page.ts";

let root: string;

const lock = {
  "": { name: "all" },
  "libs/own": { version: "0.1.0" },
  "node_modules/own": { link: true },
  "node_modules/words": { version: "1.0.0", license: "(MIT AND CC-BY-4.0)" },
  "node_modules/words/node_modules/@scope/inner": { version: "2.0.0", license: "ISC" },
  "node_modules/tests": { version: "3.0.0", license: "MIT", dev: true },
};

async function writeRoot(packages: Readonly<Record<string, object>>, requirement = "onnx==1.20.1"): Promise<void> {
  const file = { path: "w", sha256: "0".repeat(64), sizeBytes: 1, sources: [{ kind: "https", url: "https://example.org/w" }] };
  const manifest = {
    id: "tiny",
    format: "text",
    stage: "asr",
    roles: ["recognition"],
    languages: [],
    license: "CC-BY-4.0",
    attribution: "Somebody; text in LICENSE",
    origin: "https://example.org",
    description: "for tests",
    files: [file],
    conversionRequirements: [requirement],
  };
  await mkdir(join(root, "models", "tiny"), { recursive: true });
  await writeFile(join(root, "models", "tiny", "manifest.json"), JSON.stringify(manifest));
  await writeFile(join(root, "package-lock.json"), JSON.stringify({ packages }));
  for (const folder of Object.keys(packages)) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "node_modules", "words", "LICENSE"), "");
  await writeFile(join(root, "node_modules", "words", "NOTICE.txt"), "");
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "licences-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("the page of licences", () => {
  it("names models and packages, whom to name, and where the texts are", async () => {
    await writeRoot(lock);
    const page = await licencesPage(root);
    expect(page).toMatch(/\| tiny +\| CC-BY-4.0 +\| example.org +\| Somebody; text in LICENSE/);
    expect(page).toContain("NOTICE file: words (node_modules/words/NOTICE.txt)");
    expect(page).toContain("without bringing its text: @scope/inner (ISC)");
    expect(page).toContain("Asking for attribution beyond their licence text: words (MIT AND CC-BY-4.0, node_modules/words)");
    const [shipped, development] = page.split("## npm packages of the development only");
    expect(shipped).toMatch(/2 packages[\s\S]*\| @scope\/inner +\| 2.0.0[\s\S]*\| words +\| 1.0.0/);
    expect(development).toMatch(/\| tests +\| 3.0.0/);
    expect(page).not.toMatch(/\| own/);
  });

  it("is not written while a licence is unknown", async () => {
    await writeRoot({ ...lock, "node_modules/mystery": { version: "1.0.0" } });
    await expect(licencesPage(root)).rejects.toThrow("no licence for mystery");
    await writeRoot(lock, "mystery==1.0");
    await expect(licencesPage(root)).rejects.toThrow("Python package mystery of models tiny");
  });
});
