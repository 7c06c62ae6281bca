import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { readWav } from "@troupe/audio";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AsrBackend } from "../backend.ts";
import { describeAsrBackend, plainWords } from "../conformance.ts";
import { createWhisperBackend } from "./whisper-backend.ts";

const modelsDir = new URL("../../../../models/", import.meta.url);
const store = createModelStore({ manifestDir: fileURLToPath(modelsDir), cacheDir: defaultCacheDir(process.env, homedir()) });
const question = (name: string) => readWav(readFileSync(new URL(`questions/${name}.wav`, modelsDir))).samples;
const create = async () => createWhisperBackend({ model: await store.resolve("whisper-tiny-en") });

describeAsrBackend("whisper", {
  create,
  speech: question("hours"),
  words: ["what", "are", "the", "opening", "hours", "of", "the", "museum", "on", "sunday"],
});

describe("whisper", () => {
  let backend: AsrBackend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  const hear = (samples: Float32Array, interim = false) => backend.transcribe(samples, { interim, deadlineMs: performance.now() + 15_000 });

  it.each([
    ["children", "how much does a ticket cost for children"],
    ["students", "and for students"],
    ["bicycle", "is there a place where i can leave my bicycle"],
  ])("recognises the shipped question %s, finally and in the interim", async (name, text) => {
    expect(plainWords((await hear(question(name))).text).join(" ")).toBe(text);
    expect(plainWords((await hear(question(name), true)).text).join(" ")).toBe(text);
  });

  it("hears nothing in noise and tones", async () => {
    let seed = 1;
    const noise = Float32Array.from({ length: 32_000 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return 0.05 * (seed / 2_147_483_647 - 0.5);
    });
    expect((await hear(noise)).text).toBe("");
    expect((await hear(Float32Array.from({ length: 32_000 }, (_, index) => 0.3 * Math.sin(index / 10)))).text).toBe("");
  });

  it("moves the words with the sound", async () => {
    const speech = question("students");
    const delayed = new Float32Array(speech.length + 16_000);
    delayed.set(speech, 16_000);
    const [early, late] = [(await hear(speech)).words, (await hear(delayed)).words];
    expect(late.map((word) => word.text.toLowerCase())).toEqual(early.map((word) => word.text.toLowerCase()));
    early.forEach((word, index) => {
      const shiftMs = ((late[index]?.startUs ?? 0) - word.startUs) / 1000;
      expect(shiftMs).toBeGreaterThan(850);
      expect(shiftMs).toBeLessThan(1150);
    });
  });
});
