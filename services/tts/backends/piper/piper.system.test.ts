import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir, type ResolvedModel } from "@troupe/model-store";
import { afterAll, beforeAll, describe } from "vitest";
import type { TtsBackend } from "../backend.ts";
import { describeTtsBackend } from "../conformance.ts";
import { createPiperBackend } from "./piper.ts";

const store = createModelStore({
  manifestDir: fileURLToPath(new URL("../../../../models", import.meta.url)),
  cacheDir: defaultCacheDir(process.env, homedir()),
});
/** Not in the default packs. */
const model: ResolvedModel | undefined = await store.resolve("piper-joe").catch(() => undefined);

describe.skipIf(model === undefined)("a Piper voice", () => {
  let shared: TtsBackend;
  beforeAll(async () => {
    shared = await createPiperBackend({ model: model as ResolvedModel });
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  describeTtsBackend("piper-joe", async () => ({ ...shared, synthesize: shared.synthesize, async [Symbol.asyncDispose]() {} }));
});
