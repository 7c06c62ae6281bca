import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trackPitch } from "../../prosody/pitch-track.ts";
import { meanPitchHz } from "../../prosody/prosody.ts";
import type { ClauseRequest, SynthesizedSlice, TimedText, TtsBackend } from "../backend.ts";
import { describeTtsBackend } from "../conformance.ts";
import { cutWindow } from "./decoder-window.ts";
import { createKokoroBackend } from "./kokoro.ts";
import { findKokoroModel } from "./kokoro-model.testing.ts";
import { findKokoroFiles } from "./model-files.ts";
import { createNetworks } from "./networks.ts";
import { frameSamples, sampleRateHz } from "./signal-format.ts";
import { createVoiceStyles } from "./voice-styles.ts";

const model = await findKokoroModel();

describe("kokoro", () => {
  let shared: TtsBackend;
  beforeAll(async () => {
    shared = await createKokoroBackend({ model });
  }, 90_000);
  afterAll(() => shared[Symbol.asyncDispose]());

  const create = async () => ({ ...shared, async [Symbol.asyncDispose]() {} });
  // One worker for the whole suite: loading takes longer than most tests. A sentence takes seconds, too.
  describeTtsBackend("kokoro", create, { repetitions: 1, hostileSlices: 1 });

  const speak = (text: string, change: Partial<ClauseRequest> = {}): Promise<SynthesizedSlice[]> => {
    const clause = { text, language: "zh", voice: "zf_xiaoxiao", rate: 1, ...change };
    return Array.fromAsync(shared.synthesize(clause, { deadlineMs: performance.now() + 60_000 }));
  };
  const phonesOf = (slices: readonly SynthesizedSlice[]) =>
    slices
      .flatMap(({ phones }) => phones.map(({ text }) => text))
      .filter((text) => text !== "")
      .join(" ");
  const joined = (slices: readonly SynthesizedSlice[]) => Float32Array.from(slices.flatMap(({ samples }) => [...samples]));

  it("speaks Mandarin in phones of the documented alphabet, numbers and English words among it", async () => {
    const slices = await speak("第2个App，好吗？");
    expect(slices.flatMap(({ words }) => words.map(({ text }) => text))).toEqual(["第2个", "App，", "好", "吗？"]);
    expect(phonesOf(slices)).toBe("t i ɚ k ɤ æ p x a u m a");
  });

  it("finds silence where it says so and sound elsewhere", async () => {
    const slices = await speak("今天休息。明天见！");
    const samples = joined(slices);
    const levelOf = ({ startUs, endUs }: TimedText) => {
      const part = samples.subarray((startUs * sampleRateHz) / 1e6, (endUs * sampleRateHz) / 1e6);
      return 10 * Math.log10(part.reduce((sum, sample) => sum + sample * sample, 1e-12) / part.length);
    };
    const phones = slices.flatMap((slice) => slice.phones);
    expect(phones.filter(({ text }) => text === "").length).toBeGreaterThanOrEqual(2);
    for (const pause of phones.filter(({ text }) => text === "")) expect(levelOf(pause)).toBeLessThan(-45);
    for (const vowel of phones.filter(({ text }) => text === "a" || text === "ɛ")) expect(levelOf(vowel)).toBeGreaterThan(-35);
  });

  it("is higher, louder and faster when excited, and the other way round when gentle", async () => {
    const measure = (slices: readonly SynthesizedSlice[]) => {
      const samples = joined(slices);
      const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
      const soundMs = slices
        .flatMap(({ phones }) => phones)
        .reduce((sum, { text, startUs, endUs }) => sum + (text === "" ? 0 : endUs - startUs), 0);
      return { pitchHz: meanPitchHz(trackPitch(samples, sampleRateHz).pitchHz), levelDb: 10 * Math.log10(energy / soundMs), soundMs };
    };
    const say = async (delivery: ClauseRequest["delivery"]) => measure(await speak("今天我们去看花。", { delivery }));
    const [gentle, neutral, excited] = [await say("gentle"), await say("neutral"), await say("excited")];
    expect(gentle.pitchHz).toBeLessThan(neutral.pitchHz * 0.95);
    expect(excited.pitchHz).toBeGreaterThan(neutral.pitchHz * 1.08);
    expect(gentle.levelDb).toBeLessThan(neutral.levelDb - 2);
    expect(excited.levelDb).toBeGreaterThan(neutral.levelDb + 1);
    expect(gentle.soundMs).toBeGreaterThan(neutral.soundMs);
    expect(excited.soundMs).toBeLessThan(neutral.soundMs);
  });

  it("says what a tenant's dictionary says", async () => {
    const pronunciations = [
      { written: "六安", spoken: { phones: "lu4 an1" } },
      { written: "Nike", spoken: { respelling: "耐克" } },
    ];
    expect(phonesOf(await speak("六安Nike。", { pronunciations }))).toBe("l u a n n a i kʰ ɤ");
  });

  it("speaks British English with a British voice", async () => {
    expect(phonesOf(await speak("My bath.", { language: "en-GB", voice: "bf_emma" }))).toBe("m aɪ b ɑ θ");
  });

  it("sounds a piece of a run as it sounds in the whole", async () => {
    const files = findKokoroFiles(model);
    const path = (name: string) => files.paths[name] as string;
    const networks = await createNetworks({ prosody: path("kokoro-prosody.onnx"), decoder: path("kokoro-decoder.onnx") }, 1);
    const voice = createVoiceStyles(files)("zm_yunxi");
    const { vocab } = JSON.parse(readFileSync(path("vocab.json"), "utf8")) as { vocab: Record<string, number> };
    const tokens = [..."pwo↗u↘kwa↓n mei↓tʰjɛ→n ʂa↘ŋu↓ kʰai→mə↗n."].map((symbol) => vocab[symbol] ?? 0);
    const plan = await networks.plan(tokens, voice, 1);
    const whole = await networks.sound(cutWindow(plan, 0, plan.frames * frameSamples), voice, tokens.length);
    const [from, to] = [14_523, 26_523];
    const window = cutWindow(plan, from, to);
    const part = (await networks.sound(window, voice, tokens.length)).subarray(from - window.firstFrame * frameSamples);
    const [cross, own, other] = [0, 0, 0].map((_, kind) => {
      let sum = 0;
      for (let index = 0; index < to - from; index++) {
        const [x, y] = [whole[from + index] as number, part[index] as number];
        sum += kind === 0 ? x * y : kind === 1 ? x * x : y * y;
      }
      return sum;
    }) as [number, number, number];
    expect(cross / Math.sqrt(own * other)).toBeGreaterThan(0.85);
  });
});
