import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { until } from "@troupe/testkit";
import { createVad, type Vad, type VadStream } from "@troupe/vad";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { AsrBackend, TranscribeOptions } from "./backends/backend.ts";
import { createStubBackend } from "./backends/stub.ts";
import { Utterance, type UtteranceDeps } from "./utterance.ts";

const modelsDir = new URL("../../models/", import.meta.url);
const speech = readWav(readFileSync(new URL("questions/students.wav", modelsDir))).samples;
const rateHz = 16_000;
const silence = (ms: number) => new Float32Array((rateHz / 1000) * ms);

/** Hears a voice in the first sound and silence in as many others, then nothing any more. */
function deafAfterPause(silences = 1): VadStream {
  let pushes = 0;
  return {
    async push(samples) {
      if (++pushes > silences + 1) throw new ServiceError("DEADLINE", "detect could not start in time");
      return [{ ptsUs: 0, durationUs: (samples.length / rateHz) * 1e6, probability: pushes === 1 ? 1 : 0 }];
    },
    close: () => undefined,
  };
}

describe("recognition of an utterance", () => {
  let vad: Vad;
  beforeAll(async () => {
    const store = createModelStore({ manifestDir: fileURLToPath(modelsDir), cacheDir: defaultCacheDir(process.env, homedir()) });
    vad = await createVad({ model: await store.resolve("silero-vad"), patienceMs: 10_000 });
  });
  afterAll(() => vad[Symbol.asyncDispose]());

  /** The stub, with what it was asked. */
  function open(options: Partial<UtteranceDeps> = {}) {
    const calls: { readonly samples: number; readonly options: TranscribeOptions }[] = [];
    const stub = createStubBackend({ text: "And for students?" });
    const backend: AsrBackend = {
      ...stub,
      async transcribe(samples, request) {
        calls.push({ samples: samples.length, options: request });
        return await stub.transcribe(samples, request);
      },
    };
    let guesses = 0;
    const deps: UtteranceDeps = {
      backend,
      vad: vad.open(),
      interims: false,
      hurried: () => false,
      hotWords: [],
      signal: new AbortController().signal,
      onGuess: () => guesses++,
      ...options,
    };
    const utterance = new Utterance(deps, undefined);
    onTestFinished(() => utterance.close());
    let at = 0;
    const say = (samples: Float32Array) => {
      utterance.add((at / rateHz) * 1e6, pcm16ToBytes(floatToPcm16(samples)));
      at += samples.length;
    };
    const asked = (count: number) => until(`request ${count} comes`, () => calls.length >= count);
    return { utterance, say, calls, asked, guesses: () => guesses };
  }

  it("begins the final in the pause, and has it when the utterance ends there", async () => {
    const { utterance, say, calls, asked } = open();
    say(speech);
    say(silence(200));
    await asked(1);
    expect(calls[0]?.options.interim).toBe(false);
    say(silence(30));
    expect((await utterance.final()).text).toBe("And for students?");
    expect(calls).toHaveLength(1);
  });

  it("discards what was begun in a pause when speech goes on", async () => {
    const { utterance, say, calls, asked } = open();
    say(speech);
    say(silence(300));
    await asked(1);
    say(speech);
    await utterance.final();
    expect(calls.length).toBeGreaterThanOrEqual(2);
    expect(calls[0]?.options.signal?.aborted).toBe(true);
    expect(calls.at(-1)?.samples).toBe(2 * speech.length + 4800);
    expect(calls.at(-1)?.options.signal?.aborted).toBe(false);
  });

  it("tells what it makes of the speech before a pause to who wants guesses, and nobody else", async () => {
    const wanted = open({ interims: true });
    wanted.say(speech);
    wanted.say(silence(200));
    await wanted.utterance.final();
    expect(wanted.guesses()).toBeGreaterThanOrEqual(1);
    expect(wanted.utterance.takeGuess()?.text).toBe("And for students?");
    expect(wanted.utterance.takeGuess()).toBeUndefined();
    const unwanted = open();
    unwanted.say(speech);
    unwanted.say(silence(200));
    await unwanted.utterance.final();
    expect(unwanted.guesses()).toBe(0);
  });

  it("lets a guess come that was under way when a pause began, where the first words are wanted soon", async () => {
    for (const hurried of [true, false]) {
      const { utterance, say, calls, asked } = open({ interims: true, hurried: () => hurried, vad: deafAfterPause() });
      say(silence(800));
      await asked(1);
      say(silence(200));
      await asked(2);
      expect(calls.map(({ options }) => options.interim)).toEqual([true, false]);
      expect(calls[0]?.options.signal?.aborted).toBe(!hurried);
      await utterance.final();
    }
  });

  it("leaves a guess out that is older than one that has come", async () => {
    const first = Promise.withResolvers<void>();
    let interims = 0;
    const late = { backend: createStubBackend({ text: "And for students?" }), interims: true, hurried: () => true, vad: deafAfterPause() };
    const { utterance, say, guesses } = open({
      ...late,
      backend: {
        ...late.backend,
        async transcribe(samples, request) {
          if (!request.interim) return await late.backend.transcribe(samples, request);
          await first.promise;
          return await late.backend.transcribe(samples, request).finally(() => interims++);
        },
      },
    });
    say(speech.subarray(0, 12_800));
    say(silence(200));
    await until("the guess of the pause comes", () => guesses() === 1);
    first.resolve();
    await until("the older one comes", () => interims === 1);
    expect((await utterance.final()).text).toBe("And for students?");
    expect(guesses()).toBe(1);
  });

  it("takes nothing from a pause for all that was said when what came after could not be heard", async () => {
    const { utterance, say, calls, asked } = open({ vad: deafAfterPause() });
    say(speech);
    say(silence(200));
    await asked(1);
    say(speech);
    await utterance.final();
    expect(calls[0]?.options.signal?.aborted).toBe(true);
    expect(calls.at(-1)?.samples).toBe(2 * speech.length + 3200);
  });

  it("begins no interim in a pause whose guess is there", async () => {
    const { utterance, say, calls, asked } = open({ interims: true, vad: deafAfterPause(2) });
    say(silence(500));
    say(silence(200));
    await asked(1);
    say(silence(3000));
    await utterance.final();
    expect(calls.map(({ options }) => options.interim)).toEqual([false]);
  });

  it("keeps recognition free for a pause that may have begun, unless the first words are wanted soon", async () => {
    for (const hurried of [true, false]) {
      let pushes = 0;
      const fallingSilent: VadStream = {
        async push(samples) {
          const durationUs = (samples.length / rateHz) * 1e6;
          return ++pushes > 2 ? [] : [{ ptsUs: 0, durationUs, probability: pushes === 1 ? 1 : 0 }];
        },
        close: () => undefined,
      };
      const { say, calls, utterance } = open({ interims: true, hurried: () => hurried, vad: fallingSilent });
      say(silence(500));
      // Too short for a pause.
      say(silence(32));
      await new Promise(setImmediate);
      say(silence(1000));
      expect(calls.map(({ options }) => options.interim)).toEqual(hurried ? [true] : []);
      await utterance.final();
    }
  });

  it("recognises at the end when nobody was heard to pause", async () => {
    const { utterance, say, calls } = open({ vad: undefined });
    say(speech);
    say(silence(300));
    expect((await utterance.final()).text).toBe("And for students?");
    expect(calls).toHaveLength(1);
  });

  it("keeps the language that a guess has heard, and passes the hot words on", async () => {
    const { utterance, say, calls, guesses } = open({ interims: true, vad: undefined, hotWords: ["Mara"] });
    say(speech);
    await until("a guess comes", () => guesses() > 0);
    await utterance.final();
    expect(calls.map(({ options }) => options.language)).toEqual([undefined, "en"]);
    expect(calls.map(({ options }) => options.hotWords)).toEqual([["Mara"], ["Mara"]]);
  });
});
