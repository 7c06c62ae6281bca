import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFaceService, type FaceConfig, faceConfig } from "./service.ts";

/** Of a machine whose model folder and cache are empty. */
async function start(settings: Partial<FaceConfig>): Promise<{ readonly models: readonly string[]; readonly warnings: readonly string[] }> {
  const empty = await mkdtemp(join(tmpdir(), "face-"));
  onTestFinished(() => rm(empty, { recursive: true }));
  const warnings: string[] = [];
  const quiet = () => undefined;
  const logger = { error: quiet, info: quiet, debug: quiet, warn: (_: object, text: string) => void warnings.push(text) };
  const config = faceConfig.parse({ grantKey: "k".repeat(43), modelDir: empty, cacheDir: empty, ...settings });
  const service = await createFaceService(config, { logger, metrics: new Registry() });
  await service[Symbol.asyncDispose]();
  return { models: service.models, warnings };
}

describe("the face service", () => {
  it("animates from phones alone, and says so, where the default network is not there", async () => {
    const { models, warnings } = await start({});
    expect(models).toEqual(["phones"]);
    expect(warnings.join()).toContain("default-face-audio");
  });

  it("does not start without a network that was named, or with a backend that it does not have", async () => {
    await expect(start({ faceModel: "mine" })).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(start({ faceBackend: "audio" })).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    await expect(start({ faceBackend: "chewing" })).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });
});
