import { create } from "@bufbuild/protobuf";
import { floatToPcm16, pcm16ToBytes, rmsDb } from "@troupe/audio";
import { RecognitionSettingsSchema, type SpeechInChunk } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type MemoryStage, openMemoryStage, until } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AsrBackend, TranscribeOptions } from "./backends/backend.ts";
import { createStubBackend } from "./backends/stub.ts";
import { asrStage } from "./stage.ts";

const rateHz = 16_000;
const chunkMs = 100;

interface Settings {
  readonly language?: string;
  readonly interims?: boolean;
  readonly hotWords?: string[];
}

async function open(backend: AsrBackend, settings: Settings = {}): Promise<MemoryStage> {
  const { language = "", interims = false, hotWords = [] } = settings;
  const stage = await openMemoryStage(asrStage({ backend }), {
    settings: { case: "recognition", value: create(RecognitionSettingsSchema, { language, interims, hotWords }) },
  });
  onTestFinished(async () => {
    await stage[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
  });
  return stage;
}

const tone = pcm16ToBytes(floatToPcm16(Float32Array.from({ length: (rateHz * chunkMs) / 1000 }, (_, n) => 0.3 * Math.sin(n / 6))));

function begin(stage: MemoryStage, utterance: number, language = ""): void {
  stage.owner.nextUtterance();
  stage.send("speech-in", utterance, {
    case: "header",
    value: { $typeName: "troupe.speech.v1.SpeechInHeader", participant: "person", language, sampleRateHz: rateHz },
  });
}

function sound(stage: MemoryStage, utterance: number, fromMs: number, untilMs: number): void {
  for (let ms = fromMs; ms < untilMs; ms += chunkMs) stage.send("speech-in", utterance, chunk(ms * 1000));
}

const chunk = (ptsUs: number) => {
  const value: SpeechInChunk = { $typeName: "troupe.speech.v1.SpeechInChunk", ptsUs: BigInt(ptsUs), pcm16: tone };
  return { case: "chunk", value } as const;
};

/** The stub, with what it was given. */
function recorded(change: Partial<AsrBackend> = {}) {
  const calls: (Pick<TranscribeOptions, "interim" | "language" | "hotWords"> & { readonly samples: Float32Array })[] = [];
  const stub = { ...createStubBackend(), ...change };
  const backend: AsrBackend = {
    ...stub,
    async transcribe(samples, options) {
      calls.push({ samples, ...options });
      return await stub.transcribe(samples, options);
    },
  };
  return { backend, calls };
}

describe("the asr stage", () => {
  it("gives the final words of an utterance and then ends", async () => {
    const stage = await open(createStubBackend());
    begin(stage, 1);
    sound(stage, 1, 0, 1000);
    stage.end("speech-in", 1);
    const [final, end, ...more] = await stage.ended("transcript", 1);
    expect(final?.body).toMatchObject({
      case: "final",
      value: { text: "What are the opening hours of the museum on Sunday?", language: "en" },
    });
    expect(final?.body.case === "final" && final.body.value.words.at(-1)).toMatchObject({ text: "Sunday?", endUs: 1_000_000n });
    expect(end?.body).toMatchObject({ case: "end", value: { count: 1 } });
    expect(more).toEqual([]);
  });

  it("recognises the sound where its times put it; what never came is silence", async () => {
    const { backend, calls } = recorded();
    const stage = await open(backend);
    begin(stage, 1);
    sound(stage, 1, 0, 100);
    sound(stage, 1, 5000, 5100);
    stage.end("speech-in", 1);
    await stage.ended("transcript", 1);
    const samples = calls[0]?.samples ?? new Float32Array();
    expect(samples).toHaveLength(5.1 * rateHz);
    expect(rmsDb(samples.subarray(0, 1600))).toBeGreaterThan(-20);
    expect(samples.subarray(1600, 5 * rateHz).every((sample) => sample === 0)).toBe(true);
    expect(rmsDb(samples.subarray(5 * rateHz))).toBeGreaterThan(-20);
  });

  it("gives interims while speech goes on, each with more of the words", async () => {
    const stage = await open(createStubBackend(), { interims: true });
    begin(stage, 1);
    const interims = () => stage.written("transcript", 1).flatMap(({ body }) => (body.case === "interim" ? [body.value.text] : []));
    let ms = 0;
    for (const wanted of [1, 2]) {
      await until(
        `interim ${wanted} comes`,
        () => interims().length >= wanted,
        () => {
          if (ms < 10_000) sound(stage, 1, ms, ms + chunkMs);
          ms += chunkMs;
        },
      );
    }
    stage.end("speech-in", 1);
    const packets = await stage.ended("transcript", 1);
    const [first = "", second = ""] = interims();
    expect(second.startsWith(first)).toBe(true);
    expect(packets.at(-2)?.body.case).toBe("final");
    expect(packets.at(-1)?.body).toMatchObject({ case: "end", value: { count: packets.length - 1 } });
  });

  it("gives the first words soon where they decide whether a held response goes on, and not otherwise", async () => {
    const { backend, calls } = recorded();
    const stage = await open(backend, { interims: true });
    begin(stage, 1);
    sound(stage, 1, 0, 700);
    stage.end("speech-in", 1);
    await stage.ended("transcript", 1);
    expect(calls.map((call) => call.interim)).toEqual([false]);
    stage.owner.hold(stage.owner.nextResponse());
    begin(stage, 2);
    sound(stage, 2, 0, 700);
    await until("the first words are out", () => stage.written("transcript", 2).some(({ body }) => body.case === "interim"));
    expect(calls.at(-1)).toMatchObject({ interim: true });
    expect((calls.at(-1)?.samples.length ?? 0) / rateHz).toBeCloseTo(0.7, 5);
  });

  it("gives a guess as soon as it has it, though nothing more is heard", async () => {
    const stage = await open(createStubBackend(), { interims: true });
    begin(stage, 1);
    sound(stage, 1, 0, 1000);
    await until("the guess is out", () => stage.written("transcript", 1).some(({ body }) => body.case === "interim"));
    stage.end("speech-in", 1);
    expect((await stage.ended("transcript", 1)).map(({ body }) => body.case)).toEqual(["interim", "final", "end"]);
  });

  it("refuses a session with more hot words than it takes", async () => {
    const hotWords = Array.from({ length: 101 }, (_, index) => `word${index}`);
    await expect(open(createStubBackend(), { hotWords })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    const { backend, calls } = recorded();
    const stage = await open(backend, { hotWords: ["Mara", "Digium"] });
    begin(stage, 1);
    sound(stage, 1, 0, 200);
    stage.end("speech-in", 1);
    await stage.ended("transcript", 1);
    expect(calls.map((call) => call.hotWords)).toEqual([["Mara", "Digium"]]);
  });

  it("gives none to who does not want them", async () => {
    const { backend, calls } = recorded();
    const stage = await open(backend, { interims: false });
    begin(stage, 1);
    sound(stage, 1, 0, 5000);
    stage.end("speech-in", 1);
    await stage.ended("transcript", 1);
    expect(calls.map((call) => call.interim)).toEqual([false]);
  });

  it("takes an interim that fails for no failure", async () => {
    const stub = createStubBackend();
    let failures = 0;
    const backend: AsrBackend = {
      ...stub,
      async transcribe(samples, options) {
        if (!options.interim) return await stub.transcribe(samples, options);
        failures++;
        throw new ServiceError("BACKEND_FAILED", "not now");
      },
    };
    const stage = await open(backend, { interims: true });
    begin(stage, 1);
    let ms = 0;
    await until(
      "two interims have failed",
      () => failures >= 2,
      () => {
        if (ms < 10_000) sound(stage, 1, ms, ms + chunkMs);
        ms += chunkMs;
      },
    );
    stage.end("speech-in", 1);
    const packets = await stage.ended("transcript", 1);
    expect(packets.map(({ body }) => body.case)).toEqual(["final", "end"]);
    expect(packets.at(-1)?.body).not.toHaveProperty("value.error");
  });

  it("ends an utterance that is too long with the reason, at whatever time its sound claims to be", async () => {
    for (const ptsUs of [30_000_000, Number.MAX_SAFE_INTEGER]) {
      const stage = await open(createStubBackend());
      begin(stage, 1);
      stage.send("speech-in", 1, chunk(ptsUs));
      const packets = await stage.ended("transcript", 1);
      expect(packets.map(({ body }) => body)).toMatchObject([
        { case: "end", value: { count: 0, error: { reason: "AUDIO_TOO_LONG", stage: "asr" } } },
      ]);
    }
  });

  it("ends with the backend's reason when the final fails", async () => {
    const { backend } = recorded({ transcribe: () => Promise.reject(new ServiceError("DEADLINE", "too slow")) });
    const stage = await open(backend);
    begin(stage, 1);
    sound(stage, 1, 0, 300);
    stage.end("speech-in", 1);
    expect((await stage.ended("transcript", 1)).at(-1)?.body).toMatchObject({ case: "end", value: { error: { reason: "DEADLINE" } } });
  });

  it("asks for the utterance's language, else for the session's", async () => {
    const { backend, calls } = recorded({ languages: ["en", "de"] });
    const stage = await open(backend, { language: "de" });
    for (const [utterance, language] of [
      [1, "en"],
      [2, ""],
    ] as const) {
      begin(stage, utterance, language);
      sound(stage, utterance, 0, 200);
      stage.end("speech-in", utterance);
      await stage.ended("transcript", utterance);
    }
    expect(calls.map((call) => call.language)).toEqual(["en", "de"]);
  });

  it("answers an utterance without sound with no words", async () => {
    const stage = await open(createStubBackend());
    begin(stage, 1);
    stage.end("speech-in", 1);
    expect((await stage.ended("transcript", 1))[0]?.body).toMatchObject({ case: "final", value: { text: "" } });
  });
});
