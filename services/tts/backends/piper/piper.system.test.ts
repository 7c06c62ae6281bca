import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, beforeAll, describe } from "vitest";
import type { TtsBackend } from "../backend.ts";
import { describeTtsBackend } from "../conformance.ts";
import { createPiperBackend } from "./piper.ts";

const store = createModelStore({
  manifestDir: fileURLToPath(new URL("../../../../models", import.meta.url)),
  cacheDir: defaultCacheDir(process.env, homedir()),
});

describe("a Piper voice", () => {
  let shared: TtsBackend;
  beforeAll(async () => {
    shared = await createPiperBackend({ model: await store.resolve("piper-joe") });
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  describeTtsBackend("piper-joe", async () => ({ ...shared, synthesize: shared.synthesize, async [Symbol.asyncDispose]() {} }));
});
