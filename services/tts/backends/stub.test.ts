import { describe, expect, it } from "vitest";
import { describeTtsBackend } from "./conformance.ts";
import { createStubBackend } from "./stub.ts";

describeTtsBackend("stub", async () => createStubBackend());

describe("stub backend", () => {
  it("gives every letter 60 ms and every word a gap of 40 ms", async () => {
    await using backend = createStubBackend();
    const request = { text: "map it", language: "en", voice: "hum", rate: 1 };
    const [slice] = await Array.fromAsync(backend.synthesize(request, { deadlineMs: performance.now() + 1_000 }));
    expect(slice?.phones.map((phone) => phone.text)).toEqual(["m", "æ", "p", "", "ɪ", "t", ""]);
    expect(slice?.words).toEqual([
      { text: "map", startUs: 0, endUs: 180_000 },
      { text: "it", startUs: 220_000, endUs: 340_000 },
    ]);
    expect(slice?.samples.length).toBe(0.38 * backend.sampleRateHz);
  });

  it("hums a word that names its tone at that tone, without a break", async () => {
    await using backend = createStubBackend();
    const request = { text: "tone700.", language: "en", voice: "hum", rate: 1 };
    const [slice] = await Array.fromAsync(backend.synthesize(request, { deadlineMs: performance.now() + 1_000 }));
    const samples = slice?.samples.subarray(240, 0.41 * backend.sampleRateHz) ?? [];
    const rises = samples.filter((value, n) => value >= 0 && (samples[n - 1] ?? 0) < 0).length;
    expect(rises).toBeCloseTo(700 * 0.4, -1);
    expect(slice?.phones).toHaveLength(8);
    expect(slice?.samples.length).toBe(0.46 * backend.sampleRateHz);
  });
});
