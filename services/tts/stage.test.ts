import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ClauseSchema, Delivery, ReplyHeaderSchema, type SpeechChunk, SynthesisSettingsSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Packet } from "@troupe/stage";
import { type MemoryStage, openMemoryStage } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ClauseRequest, TtsBackend } from "./backends/backend.ts";
import { createStubBackend } from "./backends/stub.ts";
import { ttsStage } from "./stage.ts";

const sampleRateHz = 24_000;

async function open(
  backend: TtsBackend = createStubBackend(),
  settings: MessageInitShape<typeof SynthesisSettingsSchema> = {},
): Promise<MemoryStage> {
  const stage = await openMemoryStage(ttsStage(backend), {
    settings: { case: "synthesis", value: create(SynthesisSettingsSchema, settings) },
  });
  onTestFinished(() => stage[Symbol.asyncDispose]());
  return stage;
}

interface Clause {
  readonly text: string;
  readonly language?: string;
  readonly delivery?: Delivery;
}

async function speak(stage: MemoryStage, clauses: readonly (string | Clause)[], language = "en"): Promise<readonly Packet<"speech">[]> {
  const number = stage.owner.nextResponse();
  stage.send("reply", number, { case: "header", value: create(ReplyHeaderSchema, { language }) });
  for (const clause of clauses)
    stage.send("reply", number, { case: "clause", value: create(ClauseSchema, typeof clause === "string" ? { text: clause } : clause) });
  stage.end("reply", number);
  return await stage.ended("speech", number);
}

const chunksOf = (packets: readonly Packet<"speech">[]): SpeechChunk[] =>
  packets.flatMap(({ body }) => (body.case === "chunk" ? [body.value] : []));
const endOf = (packets: readonly Packet<"speech">[]) => packets.at(-1)?.body;
const samplesOf = (chunk: SpeechChunk) => chunk.pcm16.byteLength / 2;

/** The stub, with what it was asked for. */
function recorded(change: Partial<TtsBackend> = {}) {
  const requests: ClauseRequest[] = [];
  const stub = { ...createStubBackend(), ...change };
  const backend: TtsBackend = {
    ...stub,
    synthesize(clause, options) {
      requests.push(clause);
      return stub.synthesize(clause, options);
    },
  };
  return { backend, requests };
}

describe("the tts stage", () => {
  it("sends the header first, then the sound, then the number of packets", async () => {
    const packets = await speak(await open(), ["Hello there."]);
    expect(packets[0]?.body).toMatchObject({ case: "header", value: { sampleRateHz } });
    expect(chunksOf(packets)).toHaveLength(packets.length - 2);
    expect(endOf(packets)).toMatchObject({ case: "end", value: { count: packets.length - 1 } });
    expect(chunksOf(packets)[0]?.clause).toMatchObject({ text: "Hello there.", language: "en" });
  });

  it("keeps one time over all clauses: no gap in sound, words in order, phones without a hole", async () => {
    const word = fc.constantFrom("a", "museum", "opens", "tomorrow", "ten");
    const clause = fc.array(word, { minLength: 1, maxLength: 20 }).map((words) => `${words.join(" ")}.`);
    await fc.assert(
      fc.asyncProperty(fc.array(clause, { minLength: 1, maxLength: 5 }), async (clauses) => {
        const chunks = chunksOf(await speak(await open(), clauses));
        let samples = 0;
        for (const chunk of chunks) {
          expect(Number(chunk.ptsUs)).toBe(Math.round((samples / sampleRateHz) * 1e6));
          expect(samplesOf(chunk)).toBeLessThanOrEqual(sampleRateHz / 5);
          samples += samplesOf(chunk);
        }
        const words = chunks.flatMap((chunk) => chunk.words);
        expect(words.map((one) => one.text).join(" ")).toBe(clauses.join(" "));
        for (const [index, one] of words.slice(1).entries()) expect(one.startUs).toBeGreaterThanOrEqual(words[index]?.endUs ?? 0n);
        const phones = chunks.flatMap((chunk) => chunk.phones);
        for (const [index, phone] of phones.slice(1).entries())
          expect(Number(phone.startUs - (phones[index]?.endUs ?? 0n))).toBeCloseTo(0, -0.5);
        expect(Number(phones.at(-1)?.endUs)).toBeCloseTo((samples / sampleRateHz) * 1e6, -0.5);
        expect(chunks.flatMap((chunk) => (chunk.clause ? [chunk.clause.text] : []))).toEqual(clauses);
      }),
      { numRuns: 20 },
    );
  });

  it("sends each word and phone with the sound it starts in", async () => {
    const chunks = chunksOf(await speak(await open(), ["One two three four five six seven eight nine ten eleven twelve.", "And on."]));
    for (const chunk of chunks) {
      const endUs = Number(chunk.ptsUs) + (samplesOf(chunk) / sampleRateHz) * 1e6;
      for (const { startUs } of [...chunk.words, ...chunk.phones]) {
        expect(Number(startUs)).toBeGreaterThanOrEqual(Number(chunk.ptsUs) - 1);
        expect(Number(startUs)).toBeLessThan(endUs + 1);
      }
    }
    expect(chunks.length).toBeGreaterThan(10);
  });

  it("passes over a clause of signs as long as others can be said", async () => {
    const packets = await speak(await open(), ["👍", "Yes.", "…"]);
    expect(chunksOf(packets).flatMap((chunk) => chunk.words.map((word) => word.text))).toEqual(["Yes."]);
    expect(endOf(packets)).not.toHaveProperty("value.error");
    expect(endOf(await speak(await open(), ["👍", "…"]))).toMatchObject({
      case: "end",
      value: { count: 0, error: { reason: "TEXT_EMPTY", stage: "tts" } },
    });
  });

  it("of a reply without clauses gives a header and no sound", async () => {
    expect((await speak(await open(), [])).map(({ body }) => body.case)).toEqual(["header", "end"]);
  });

  it("ends with the backend's reason when it fails, after what was said", async () => {
    const stub = createStubBackend();
    const { backend } = recorded({
      async *synthesize(clause, options) {
        if (clause.text === "Two.") throw new ServiceError("BACKEND_FAILED", "the voice is gone");
        yield* stub.synthesize(clause, options);
      },
    });
    const packets = await speak(await open(backend), ["One.", "Two.", "Three."]);
    expect(chunksOf(packets).flatMap((chunk) => chunk.words.map((word) => word.text))).toEqual(["One."]);
    expect(endOf(packets)).toMatchObject({
      case: "end",
      value: { count: packets.length - 1, error: { reason: "BACKEND_FAILED", stage: "tts" } },
    });
  });

  it("fails with the reply it speaks, naming the stage that failed", async () => {
    const stage = await open();
    const number = stage.owner.nextResponse();
    stage.send("reply", number, { case: "header", value: create(ReplyHeaderSchema, { language: "en" }) });
    stage.end("reply", number, { reason: "DEADLINE" });
    expect(endOf(await stage.ended("speech", number))).toMatchObject({
      case: "end",
      value: { error: { reason: "DEADLINE", stage: "test" } },
    });
  });

  it("speaks each clause in its language, with the voice that the session names for it", async () => {
    const voices = [
      { id: "a", languages: ["en-US"] },
      { id: "b", languages: ["en-GB"] },
      { id: "c", languages: ["de"] },
    ];
    const stub = createStubBackend({ languages: ["en", "de"] });
    const { backend, requests } = recorded({ voices, synthesize: (clause, options) => stub.synthesize({ ...clause, voice: "" }, options) });
    await speak(await open(backend, { voices: { en: "b", constructor: "x" }, rate: 1.5 }), ["Hi.", { text: "Hallo.", language: "de-AT" }]);
    expect(requests).toMatchObject([
      { text: "Hi.", language: "en", voice: "b", rate: 1.5 },
      { text: "Hallo.", language: "de-AT", voice: "c", rate: 1.5 },
    ]);
  });

  it("takes the first voice of the language for one that nobody has or that speaks another", async () => {
    const voices = [
      { id: "a", languages: ["en-US"] },
      { id: "b", languages: ["zh"] },
    ];
    const stub = createStubBackend();
    const { backend, requests } = recorded({ voices, synthesize: (clause, options) => stub.synthesize({ ...clause, voice: "" }, options) });
    await speak(await open(backend, { voices: { en: "nobody" } }), ["Hi."]);
    await speak(await open(backend, { voices: { en: "b" } }), ["Hi."]);
    expect(requests.map(({ voice }) => voice)).toEqual(["a", "a"]);
  });

  it("says a clause as it asks for, else as the session does, else as its words suggest, and tells which it was", async () => {
    const { GENTLE, EXCITED, NEUTRAL } = Delivery;
    const clauses = [{ text: "Well done!" }, { text: "Well done!", delivery: NEUTRAL }, { text: "It is nine." }];
    const deliveries = async (settings: MessageInitShape<typeof SynthesisSettingsSchema>) => {
      const { backend, requests } = recorded();
      const chunks = chunksOf(await speak(await open(backend, settings), clauses));
      const told = chunks.flatMap((chunk) => (chunk.clause ? [chunk.clause.delivery] : []));
      return { asked: requests.map(({ delivery }) => delivery), told };
    };
    expect(await deliveries({})).toEqual({ asked: ["excited", "neutral", "neutral"], told: [EXCITED, NEUTRAL, NEUTRAL] });
    expect(await deliveries({ delivery: GENTLE })).toEqual({ asked: ["gentle", "neutral", "gentle"], told: [GENTLE, NEUTRAL, GENTLE] });
  });

  it("hands on pitch, the tenant's pronunciations and the avatar's other voices", async () => {
    const { backend, requests } = recorded();
    const pronunciations = [
      { written: "Nguyen", language: "en", spoken: { case: "respelling" as const, value: "win" } },
      { written: "Troupe", spoken: { case: "phones" as const, value: "tɹuːp" } },
    ];
    await speak(await open(backend, { voices: { zh: "y" }, pitchSemitones: -2, pronunciations }), ["Hi."]);
    expect(requests).toMatchObject([
      {
        pitchSemitones: -2,
        voices: { zh: "y" },
        pronunciations: [
          { written: "Nguyen", language: "en", spoken: { respelling: "win" } },
          { written: "Troupe", spoken: { phones: "tɹuːp" } },
        ],
      },
    ]);
    expect(requests[0]?.pronunciations?.[1]).not.toHaveProperty("language");
  });

  it.each<[string, MessageInitShape<typeof SynthesisSettingsSchema>]>([
    ["a pitch out of range", { pitchSemitones: 13 }],
    ["a rate out of range", { rate: 3 }],
    ["a pronunciation that says nothing", { pronunciations: [{ written: "Nguyen" }] }],
    ["more than 500 pronunciations", { pronunciations: Array(501).fill({ written: "a", spoken: { case: "respelling", value: "b" } }) }],
    ["markup as a pronunciation", { pronunciations: [{ written: "<b>", spoken: { case: "respelling", value: "b" } }] }],
  ])("refuses %s with the response", async (_name, settings) => {
    expect(endOf(await speak(await open(createStubBackend(), settings), ["Hi."]))).toMatchObject({
      value: { error: { reason: "INVALID_REQUEST", stage: "tts" } },
    });
  });

  it.each(["tlh", "constructor", "__proto__"])("refuses the language %s, which no voice speaks", async (language) => {
    expect(endOf(await speak(await open(), ["Hello."], language))).toMatchObject({ value: { error: { reason: "LANGUAGE_UNSUPPORTED" } } });
  });

  it("writes nothing more of a response that is cancelled", async () => {
    const turnstile = Promise.withResolvers<void>();
    const stub = createStubBackend();
    const { backend } = recorded({
      async *synthesize(clause, options) {
        if (clause.text === "Two.") await turnstile.promise;
        yield* stub.synthesize(clause, options);
      },
    });
    const stage = await open(backend);
    const number = stage.owner.nextResponse();
    for (const text of ["One.", "Two."])
      stage.send("reply", number, { case: "clause", value: create(ClauseSchema, { text, language: "en" }) });
    await speak(stage, ["Meanwhile."]);
    stage.owner.cancelOnly(number);
    const before = stage.written("speech", number).length;
    turnstile.resolve();
    await stage.binding.idle();
    expect(before).toBeGreaterThan(1);
    expect(stage.written("speech", number)).toHaveLength(before);
  });
});
