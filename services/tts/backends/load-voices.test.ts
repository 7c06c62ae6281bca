import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadVoices } from "./load-voices.ts";

const manifests = fileURLToPath(new URL("../../../models", import.meta.url));

/** The English voice, and one whose files nobody has fetched. */
async function store() {
  const folder = await mkdtemp(join(tmpdir(), "voices-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(join(manifests, "hibari-en"), join(folder, "hibari-en"), { recursive: true });
  await cp(join(manifests, "hibari-en"), join(folder, "voice-zh"), { recursive: true });
  const path = join(folder, "voice-zh", "manifest.json");
  await writeFile(path, (await readFile(path, "utf8")).replace('"id": "hibari-en"', '"id": "voice-zh"'));
  await writeFile(join(folder, "aliases.json"), JSON.stringify({ "default-tts-en": "hibari-en", "default-tts-zh": "voice-zh" }));
  return createModelStore({ manifestDir: folder, cacheDir: defaultCacheDir(process.env, homedir()) });
}

const options = { preload: true, threads: 1 };
const defaults = ["default-tts-en", "default-tts-zh"];

describe("loading voices", () => {
  it("leaves out a default voice that was not fetched, and says how to fetch it", async () => {
    const warnings: string[] = [];
    const { backend, models } = await loadVoices({
      ...options,
      store: await store(),
      models: defaults,
      allowMissing: true,
      warn: (message) => warnings.push(message),
    });
    await using voices = backend;
    expect(models).toEqual(["hibari-en"]);
    expect(voices.voices.map(({ id }) => id)).toEqual(["heart"]);
    expect(warnings).toEqual([expect.stringContaining("`troupe models pull --pack zh`")]);
  });

  it.each([
    ["of a voice that was asked for", defaults, false, "MODEL_MISSING"],
    ["when no default voice is there", ["default-tts-zh"], true, "MODEL_MISSING"],
    ["of a voice that nobody knows", ["nobody"], false, "MODEL_UNKNOWN"],
    ["without a model", [], false, "INVALID_CONFIG"],
  ] as const)("fails for want %s", async (_name, models, allowMissing, reason) => {
    const loading = loadVoices({ ...options, store: await store(), models, allowMissing, warn: () => undefined });
    await expect(loading).rejects.toMatchObject({ reason });
  });
});
