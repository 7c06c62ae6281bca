import { rmsDb } from "@troupe/audio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trackPitch } from "../../prosody/pitch-track.ts";
import { meanPitchHz } from "../../prosody/prosody.ts";
import { findEnglishModel } from "../../text/english-model.testing.ts";
import type { ClauseRequest, Delivery, SynthesizedSlice, TtsBackend } from "../backend.ts";
import { describeTtsBackend } from "../conformance.ts";
import { createHibariBackend } from "./hibari.ts";

const model = await findEnglishModel();

describe("hibari", () => {
  let shared: TtsBackend;
  beforeAll(async () => {
    shared = await createHibariBackend({ model: model });
  }, 60_000);
  afterAll(() => shared[Symbol.asyncDispose]());

  // One worker for the whole suite: loading takes longer than most tests.
  // All of what is hostile is heard to its end by the system test of the default voices.
  describeTtsBackend("hibari", async () => ({ ...shared, synthesize: shared.synthesize, async [Symbol.asyncDispose]() {} }), {
    hostileSlices: 2,
  });

  const speak = (text: string, change: Partial<ClauseRequest> = {}): Promise<SynthesizedSlice[]> =>
    Array.fromAsync(
      shared.synthesize({ text, language: "en", voice: "heart", rate: 1, ...change }, { deadlineMs: performance.now() + 30_000 }),
    );

  it("speaks a short clause as one slice and long ones slice by slice", async () => {
    expect(await speak("The quick brown fox jumps.")).toHaveLength(1);
    expect((await speak("One two three four five six seven eight nine ten. ".repeat(6))).length).toBeGreaterThan(2);
  });

  it("spells phones in the International Phonetic Alphabet", async () => {
    const phones = (await speak("My boy chose judges.")).flatMap((slice) => slice.phones.map((phone) => phone.text));
    expect(phones.filter((phone) => phone !== "").join(" ")).toBe("m aɪ b ɔɪ tʃ oʊ z dʒ ʌ dʒ ə z");
  });

  it("keeps a longer pause after a sentence than after a clause", async () => {
    const pauseUs = async (text: string) => {
      const last = (await speak(text)).at(-1)?.phones.at(-1);
      return last?.text === "" ? last.endUs - last.startUs : 0;
    };
    expect(await pauseUs("Here we are.")).toBeCloseTo(250_000, -3);
    expect(await pauseUs("Here we are,")).toBeCloseTo(100_000, -3);
  });

  it("finds silence where it says so and sound elsewhere", async () => {
    const [slice] = (await speak("Well, this is it; goodbye.")) as [SynthesizedSlice];
    const levelOf = ({ startUs, endUs }: { startUs: number; endUs: number }) => {
      const part = slice.samples.subarray((startUs * 24) / 1000, (endUs * 24) / 1000);
      return 10 * Math.log10(part.reduce((sum, sample) => sum + sample * sample, 1e-12) / part.length);
    };
    const pauses = slice.phones.filter((phone) => phone.text === "");
    expect(pauses.length).toBeGreaterThanOrEqual(3);
    for (const pause of pauses) expect(levelOf(pause)).toBeLessThan(-50);
    for (const vowel of slice.phones.filter((phone) => /[ɛɪʊaɔ]/.test(phone.text))) expect(levelOf(vowel)).toBeGreaterThan(-45);
  });

  it("shares one time between written words that are read together", async () => {
    const words = (await speak("We open at 10:30 am on Monday.")).flatMap((slice) => slice.words);
    expect(words.map((word) => word.text)).toEqual(["We", "open", "at", "10:30 am", "on", "Monday."]);
  });

  it("is higher, livelier, louder and faster when excited, and the other way round when gentle", async () => {
    const mannerOf = async (delivery: Delivery) => {
      const [{ samples }] = (await speak("We will open the garden tomorrow.", { delivery })) as [SynthesizedSlice];
      const pitch = [...trackPitch(samples, shared.sampleRateHz).pitchHz].filter((hz) => hz > 0).sort((a, b) => a - b);
      const at = (share: number) => Math.log2(pitch[Math.floor(share * pitch.length)] as number);
      return { pitch: 12 * at(0.5), range: 12 * (at(0.9) - at(0.1)), level: rmsDb(samples), length: samples.length };
    };
    const [gentle, neutral, excited] = [await mannerOf("gentle"), await mannerOf("neutral"), await mannerOf("excited")];
    for (const [low, high] of [
      [gentle, neutral],
      [neutral, excited],
    ] as const) {
      expect(high.pitch).toBeGreaterThan(low.pitch + 0.7);
      expect(high.range).toBeGreaterThan(low.range * 1.1);
      expect(high.level).toBeGreaterThan(low.level + 1);
      expect(high.length).toBeLessThan(low.length * 0.97);
    }
  });

  it("shifts the pitch and keeps the times of the phones", async () => {
    const [plain, high] = [await speak("We are here."), await speak("We are here.", { pitchSemitones: 5 })];
    expect(high.map(({ phones }) => phones)).toEqual(plain.map(({ phones }) => phones));
    const pitchOf = ([slice]: SynthesizedSlice[]) =>
      meanPitchHz(trackPitch((slice as SynthesizedSlice).samples, shared.sampleRateHz).pitchHz);
    expect(12 * Math.log2(pitchOf(high) / pitchOf(plain))).toBeCloseTo(5, -0.3);
  });

  it("says a tenant's names as the tenant wants", async () => {
    const pronunciations = [
      { written: "Nguyen", spoken: { phones: "wɪn" } },
      { written: "Troupe Live", spoken: { respelling: "true plive" } },
    ];
    const slices = await speak("Nguyen's Troupe Live.", { pronunciations });
    const phones = slices.flatMap((slice) => slice.phones.map(({ text }) => text)).filter((text) => text !== "");
    expect(phones.slice(0, 4).join("")).toBe("wɪnz");
    expect(slices.flatMap((slice) => slice.words.map(({ text }) => text))).toEqual(["Nguyen's", "Troupe Live."]);
  });
});
