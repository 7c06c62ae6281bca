import { describe, expect, it } from "vitest";
import { describeAsrBackend } from "./conformance.ts";
import { createStubBackend } from "./stub.ts";

const tone = Float32Array.from({ length: 32_000 }, (_, index) => 0.3 * Math.sin(index / 10));

describeAsrBackend("stub", {
  create: () => createStubBackend({ text: "And for students?", delayMs: 5 }),
  speech: tone,
  words: ["and", "for", "students"],
});

describe("stub", () => {
  it("hears more words in interims as the sound grows", async () => {
    await using backend = createStubBackend({ text: "one two three four" });
    const heard = async (samples: number) => {
      const options = { interim: true, deadlineMs: performance.now() + 1000 };
      return (await backend.transcribe(tone.subarray(0, samples), options)).text;
    };
    expect([await heard(3_000), await heard(7_000), await heard(32_000)]).toEqual(["one", "one two", "one two three four"]);
  });

  it("misses a deadline that is shorter than its delay", async () => {
    await using backend = createStubBackend({ delayMs: 5_000 });
    const options = { interim: false, deadlineMs: performance.now() + 20 };
    await expect(backend.transcribe(tone, options)).rejects.toMatchObject({ reason: "DEADLINE" });
  });
});
