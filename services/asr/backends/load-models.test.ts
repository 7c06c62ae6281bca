import { cp, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type LoadModelsOptions, loadModels } from "./load-models.ts";

const manifestDir = fileURLToPath(new URL("../../../models/", import.meta.url));
const realCache = defaultCacheDir(process.env, homedir());

/** A cache that holds the English model and the VAD, and no others. */
let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "troupe-asr-"));
  for (const id of ["whisper-tiny-en", "silero-vad"])
    await cp(join(realCache, "models", id), join(cacheDir, "models", id), { recursive: true, dereference: true });
});
afterAll(() => rm(cacheDir, { recursive: true }));

async function load(changes: Partial<LoadModelsOptions> = {}) {
  const warnings: string[] = [];
  const backend = await loadModels({
    store: createModelStore({ manifestDir, cacheDir }),
    models: ["default-asr-en", "default-asr"],
    languages: ["en", "zh"],
    allowMissing: true,
    preload: true,
    threads: 1,
    warn: (message) => warnings.push(message),
    ...changes,
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { backend, warnings };
}

describe("loading the models", () => {
  it("leaves out a default model that was not fetched, and says how to fetch it", async () => {
    const { backend, warnings } = await load();
    expect(backend.languages).toEqual(["en"]);
    expect(warnings).toEqual([expect.stringContaining("troupe models pull --pack zh")]);
  });

  it("fails when a model is missing that somebody asked for, or the first", async () => {
    await expect(load({ allowMissing: false })).rejects.toMatchObject({ reason: "MODEL_MISSING" });
    await expect(load({ models: ["default-asr"] })).rejects.toMatchObject({ reason: "MODEL_MISSING" });
  });

  it("refuses a model that recognises nothing, and languages that no model has", async () => {
    await expect(load({ models: ["silero-vad"] })).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    await expect(load({ models: ["whisper-tiny-en"], languages: ["zh"] })).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });
});
