import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { rmsDb } from "@troupe/audio";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClauseRequest, SynthesizedSlice, TtsBackend } from "./backend.ts";
import { describeTtsBackend } from "./conformance.ts";
import { loadVoices } from "./load-voices.ts";

const store = createModelStore({
  manifestDir: fileURLToPath(new URL("../../../models", import.meta.url)),
  cacheDir: defaultCacheDir(process.env, homedir()),
});

describe("the default voices in one replica", () => {
  let shared: TtsBackend;
  beforeAll(async () => {
    const models = ["default-tts-en", "default-tts-zh"];
    shared = (await loadVoices({ store, models, allowMissing: false, preload: false, threads: 1, warn: () => undefined })).backend;
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  const speak = (clause: Partial<ClauseRequest>): Promise<SynthesizedSlice[]> => {
    const request = { text: "", language: "en", voice: "", rate: 1, ...clause };
    return Array.fromAsync(shared.synthesize(request, { deadlineMs: performance.now() + 60_000 }));
  };

  describeTtsBackend("the default voices", async () => ({ ...shared, synthesize: shared.synthesize, async [Symbol.asyncDispose]() {} }));

  it("speak each language with its own voice", async () => {
    const phonesOf = (slices: SynthesizedSlice[]) => slices.flatMap(({ phones }) => phones.map(({ text }) => text)).join(" ");
    expect(phonesOf(await speak({ text: "Hello." }))).toContain("oʊ");
    expect(phonesOf(await speak({ text: "你去哪儿？", language: "zh-CN" }))).toContain("tɕʰ y");
  });

  it("say a Chinese name inside an English clause", async () => {
    const slices = await speak({ text: "Please ask 王小明 at the desk." });
    const words = slices.flatMap((slice) => slice.words);
    expect(words.map(({ text }) => text).join(" ")).toBe("Please ask 王小明 at the desk.");
    const name = words.find(({ text }) => text === "王小明");
    const whole = Float32Array.from(slices.flatMap(({ samples }) => [...samples]));
    const part = whole.subarray(((name?.startUs ?? 0) * 24) / 1000, ((name?.endUs ?? 0) * 24) / 1000);
    expect(rmsDb(part)).toBeGreaterThan(-40);
    expect(part.length).toBeGreaterThan(0.3 * shared.sampleRateHz);
  });
});
