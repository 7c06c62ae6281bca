import { ServiceError } from "@troupe/errors";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AsrBackend } from "./backend.ts";
import { describeAsrBackend } from "./conformance.ts";
import { createLanguageChoice } from "./language-choice.ts";
import { createLazyBackend } from "./lazy-backend.ts";
import { createStubBackend } from "./stub.ts";

const tone = Float32Array.from({ length: 32_000 }, (_, index) => 0.3 * Math.sin(index / 10));
const request = () => ({ interim: false, deadlineMs: performance.now() + 5_000 });

/** A stub for English and Mandarin that takes every sound for the language given. */
function bilingual(heard: string): AsrBackend {
  const stub = createStubBackend({ text: "你好", language: "zh" });
  return { ...stub, languages: ["en", "zh"], detectLanguage: async () => ({ language: heard, probability: 0.9 }) };
}

const english = () => createStubBackend({ text: "And for students?" });

describeAsrBackend("a choice of models", {
  create: () => createLanguageChoice([english(), bilingual("en")]),
  speech: tone,
  words: ["and", "for", "students"],
});

describeAsrBackend("a model that loads when it is needed", {
  create: () => createLazyBackend({ name: "stub", languages: ["en"], maxAudioMs: 30_000, load: async () => english() }),
  speech: tone,
  words: ["and", "for", "students"],
});

describe("a choice of models", () => {
  it("gives a language to the first model that has it", async () => {
    await using choice = createLanguageChoice([english(), bilingual("en")]);
    expect(choice.languages).toEqual(["en", "zh"]);
    expect((await choice.transcribe(tone, { ...request(), language: "en-GB" })).text).toBe("And for students?");
    expect((await choice.transcribe(tone, { ...request(), language: "zh-CN" })).text).toBe("你好");
  });

  it("detects the language that nobody gave", async () => {
    for (const [heard, text] of [
      ["en", "And for students?"],
      ["zh", "你好"],
    ] as const) {
      await using choice = createLanguageChoice([english(), bilingual(heard)]);
      expect((await choice.transcribe(tone, request())).text).toBe(text);
    }
  });

  it("refuses models that nobody can choose between", () => {
    expect(() => createLanguageChoice([english(), createStubBackend({ language: "zh" })])).toThrow(/tells their languages apart/);
    expect(() => createLanguageChoice([])).toThrow(/at least one model/);
  });
});

describe("a model that loads when it is needed", () => {
  it("loads once, at the first request, and tries again after a failure", async () => {
    let loads = 0;
    const backend = createLazyBackend({
      name: "stub",
      languages: ["en"],
      maxAudioMs: 30_000,
      load: async () => {
        loads++;
        if (loads === 1) throw new Error("not yet");
        return english();
      },
    });
    onTestFinished(() => backend[Symbol.asyncDispose]());
    expect(loads).toBe(0);
    await expect(backend.transcribe(tone, request())).rejects.toThrow("not yet");
    await Promise.all([backend.transcribe(tone, request()), backend.transcribe(tone, request())]);
    expect(loads).toBe(2);
  });

  it("answers who cancels or is out of time while it loads, and goes on loading for the others", async () => {
    const gate = Promise.withResolvers<AsrBackend>();
    const backend = createLazyBackend({ name: "stub", languages: ["en"], maxAudioMs: 30_000, load: () => gate.promise });
    const caller = new AbortController();
    const cancelled = backend.transcribe(tone, { ...request(), signal: caller.signal });
    const late = backend.transcribe(tone, { interim: false, deadlineMs: performance.now() + 20 });
    const patient = backend.transcribe(tone, request());
    caller.abort(new ServiceError("CANCELLED", "never mind"));
    await expect(cancelled).rejects.toMatchObject({ reason: "CANCELLED" });
    await expect(late).rejects.toMatchObject({ reason: "DEADLINE" });
    gate.resolve(english());
    expect((await patient).text).toBe("And for students?");
    await backend[Symbol.asyncDispose]();
  });
});
