import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, vi } from "vitest";
import type { FaceBackend } from "../backend.ts";
import { describeFaceBackend, describeGaps } from "../conformance.ts";
import { createAudioBackend } from "./audio.ts";
import { pullMouthNet } from "./audio-model.testing.ts";

describe("audio", () => {
  // Thousands of short runs in another thread: a few seconds on an idle machine, many on a busy one.
  vi.setConfig({ testTimeout: 120_000 });
  let cacheDir: string;
  let shared: FaceBackend;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "mouth-net-"));
    shared = await createAudioBackend({ model: await pullMouthNet(cacheDir) });
  });
  afterAll(async () => {
    await shared[Symbol.asyncDispose]();
    await rm(cacheDir, { recursive: true, force: true });
  });

  // One worker for the whole suite: loading takes longer than most tests.
  const create = async () => ({ ...shared, animate: shared.animate, async [Symbol.asyncDispose]() {} });
  describeFaceBackend("audio", create, { cuts: 8 });
  describeGaps("audio", create);
});
