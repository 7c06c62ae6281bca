import { afterAll, beforeAll, describe } from "vitest";
import type { TtsBackend } from "../backend.ts";
import { describeTtsBackend } from "../conformance.ts";
import { createKokoroBackend } from "./kokoro.ts";
import { findKokoroModel } from "./kokoro-model.testing.ts";

const model = await findKokoroModel();

describe("kokoro", () => {
  let shared: TtsBackend;
  beforeAll(async () => {
    shared = await createKokoroBackend({ model });
  }, 90_000);
  afterAll(() => shared[Symbol.asyncDispose]());

  // One worker for the whole suite: loading takes longer than most tests.
  describeTtsBackend("kokoro", async () => ({ ...shared, synthesize: shared.synthesize, async [Symbol.asyncDispose]() {} }), {
    repetitions: 2,
    hostileSlices: 2,
  });
});
