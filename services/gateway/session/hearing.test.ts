import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import { bytesToPcm16, createResampler, pcm16ToFloat, readWav, rmsDb } from "@troupe/audio";
import { TranscribedWordSchema, TranscriptSchema } from "@troupe/contracts";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { createVad, defaultEndpointPolicy, type Vad } from "@troupe/vad";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Hearing } from "./hearing.ts";

const modelsDir = fileURLToPath(new URL("../../../models", import.meta.url));
const rateHz = 16_000;
const silence = (ms: number) => new Float32Array((ms * rateHz) / 1000);

const question = readWav(readFileSync(`${modelsDir}/questions/hours.wav`)).samples;
const recording = joined([silence(1000), question, silence(1200)]);

interface HeardUtterance {
  samples: Float32Array;
  endUs: number | undefined;
}

describe("hearing", () => {
  let vad: Vad;
  beforeAll(async () => {
    const store = createModelStore({ manifestDir: modelsDir, cacheDir: defaultCacheDir(process.env, homedir()) });
    vad = await createVad({ model: await store.resolve("silero-vad"), patienceMs: 10_000 });
  });
  afterAll(() => vad[Symbol.asyncDispose]());

  async function hear(
    sound: Float32Array,
    options: { sampleRateHz?: number; chunks?: readonly number[]; finish?: boolean } = {},
  ): Promise<HeardUtterance[]> {
    const { sampleRateHz = rateHz, chunks = [sampleRateHz / 50], finish = true } = options;
    const utterances: HeardUtterance[] = [];
    const hearing = await Hearing.open({
      vad,
      policy: defaultEndpointPolicy,
      sampleRateHz,
      events: {
        onset: () => utterances.push({ samples: new Float32Array(), endUs: undefined }),
        lasting: () => undefined,
        resumed: () => undefined,
        end(speechEndUs) {
          const open = utterances.at(-1);
          expect(open?.endUs).toBeUndefined();
          if (open) open.endUs = speechEndUs;
        },
        sound(ptsUs, pcm16) {
          const open = utterances.at(-1) as HeardUtterance;
          expect(open.endUs).toBeUndefined();
          // Every chunk goes on exactly where the one before ended.
          expect(ptsUs).toBeCloseTo((open.samples.length / rateHz) * 1e6, 3);
          open.samples = joined([open.samples, pcm16ToFloat(bytesToPcm16(pcm16))]);
        },
      },
    });
    try {
      for (let at = 0, turn = 0; at < sound.length; turn++) {
        const size = chunks[turn % chunks.length] as number;
        await hearing.push(sound.subarray(at, at + size));
        at += size;
      }
      if (finish) await hearing.finish();
    } finally {
      hearing.close();
    }
    return utterances;
  }

  it("finds one utterance in a question, from before its first voice to after its last", async () => {
    const [utterance, ...more] = await hear(recording);
    expect(more).toEqual([]);
    const { samples, endUs = 0 } = utterance as HeardUtterance;
    const startAt = positionOf(samples, recording);
    const [firstVoice, lastVoice] = voiceOf(recording);
    expect(startAt).toBeLessThan(firstVoice);
    expect(startAt + samples.length).toBeGreaterThan(lastVoice - (defaultEndpointPolicy.hangoverMs * rateHz) / 1000);
    expect((endUs / 1e6) * rateHz).toBeLessThanOrEqual(startAt + samples.length);
    expect(Buffer.compare(bytesOf(samples), bytesOf(recording.subarray(startAt, startAt + samples.length)))).toBe(0);
  });

  it("ends sooner where recognition takes the words for a finished sentence, and not for others", async () => {
    const endedMs = async (text: string, guessedAfterMs = 200) => {
      let ended: number | undefined;
      let heardMs = 0;
      const hearing = await Hearing.open({
        vad,
        policy: defaultEndpointPolicy,
        sampleRateHz: rateHz,
        events: {
          onset: () => undefined,
          lasting: () => undefined,
          resumed: () => undefined,
          sound: () => undefined,
          end() {
            ended ??= heardMs;
          },
        },
      });
      const endUs = BigInt(Math.round((question.length / rateHz + 0.3) * 1e6));
      const word = create(TranscribedWordSchema, { text: text.split(" ").at(-1) ?? "", confidence: 0.95, startUs: 0n, endUs });
      const guess = create(TranscriptSchema, { text, words: [word], sentenceEnd: /\?$/.test(text) ? 0.97 : 0.1 });
      const guessAt = rateHz + question.length + (guessedAfterMs * rateHz) / 1000;
      for (let at = 0; at < recording.length; at += 320) {
        heardMs = ((at - rateHz - question.length) * 1000) / rateHz;
        await hearing.push(recording.subarray(at, at + 320));
        if (at > guessAt || at + 320 <= guessAt) continue;
        hearing.guess(guess);
        hearing.settle();
      }
      hearing.close();
      return ended;
    };
    const [complete = 0, incomplete = 0] = [await endedMs("What are the opening hours on Sunday?"), await endedMs("What are the opening")];
    const shortestMs = Math.min(...defaultEndpointPolicy.gradedHangover.map(({ silenceMs }) => silenceMs));
    expect(complete).toBeLessThan(shortestMs + 100);
    expect(incomplete).toBeGreaterThan(defaultEndpointPolicy.hangoverMs - 400);
    expect(incomplete - complete).toBeGreaterThan(300);
    const amidSpeech = await endedMs("What are the opening hours on Sunday?", -500);
    expect(amidSpeech).toBe(incomplete);
  });

  it("hears the same however the sound is cut", async () => {
    const [whole] = await hear(recording);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 40, max: 6000 }), { minLength: 1, maxLength: 5 }), async (chunks) => {
        const [cut, ...more] = await hear(recording, { chunks });
        expect(more).toEqual([]);
        expect(cut?.endUs).toBe(whole?.endUs);
        expect(Buffer.compare(bytesOf((cut as HeardUtterance).samples), bytesOf((whole as HeardUtterance).samples))).toBe(0);
      }),
      { numRuns: 6 },
    );
  });

  it.each([8_000, 44_100, 48_000])("finds the question in sound of %i Hz", async (sampleRateHz) => {
    using resampler = await createResampler({ fromHz: rateHz, toHz: sampleRateHz });
    const sound = joined([resampler.push(recording), resampler.flush()]);
    const [whole] = await hear(recording);
    const [utterance, ...more] = await hear(sound, { sampleRateHz });
    expect(more).toEqual([]);
    expect(Math.abs((utterance?.samples.length ?? 0) - (whole?.samples.length ?? 0)) / rateHz).toBeLessThan(0.25);
  });

  it("finds each of two questions, and repeats no sound of the first in the second", async () => {
    const two = joined([silence(500), question, silence(1200), question, silence(1200)]);
    const [first, second, ...more] = await hear(two);
    expect(more).toEqual([]);
    const endOfFirst = positionOf((first as HeardUtterance).samples, two) + (first?.samples.length ?? 0);
    const startOfSecond = positionOf((second as HeardUtterance).samples, two, endOfFirst);
    expect(startOfSecond).toBeGreaterThanOrEqual(endOfFirst);
  });

  it("ends the utterance when no more sound comes", async () => {
    const cutOff = joined([silence(500), question.subarray(0, rateHz)]);
    expect(await hear(cutOff, { finish: false })).toMatchObject([{ endUs: undefined }]);
    const [utterance, ...more] = await hear(cutOff);
    expect(more).toEqual([]);
    expect(utterance?.endUs).toBeGreaterThan(500_000);
  });

  it("hears nothing in silence, nor in nothing", async () => {
    expect(await hear(silence(3000))).toEqual([]);
    expect(await hear(new Float32Array())).toEqual([]);
  });

  async function listen(run: (hearing: Hearing, log: string[]) => Promise<void>): Promise<readonly string[]> {
    const log: string[] = [];
    const hearing = await Hearing.open({
      vad,
      policy: defaultEndpointPolicy,
      sampleRateHz: rateHz,
      events: {
        onset: (startUs) => log.push(`onset ${Math.round(startUs / 1000)}`),
        lasting: () => log.push("lasting"),
        resumed: () => log.push("resumed"),
        end: (endUs) => log.push(`end ${Math.round(endUs / 1000)}`),
        sound: () => undefined,
      },
    });
    try {
      await run(hearing, log);
    } finally {
      hearing.close();
    }
    return log;
  }

  it("takes sound of another rate from one call to the next", async () => {
    using resampler = await createResampler({ fromHz: rateHz, toHz: 24_000 });
    const log = await listen(async (hearing) => {
      await hearing.push(recording);
      await hearing.push(joined([resampler.push(recording), resampler.flush()]), 24_000);
      await hearing.push(recording, rateHz);
    });
    const starts = log.filter((entry) => entry.startsWith("onset")).map((entry) => Number(entry.split(" ")[1]));
    const lengthMs = (recording.length / rateHz) * 1000;
    expect(starts).toHaveLength(3);
    starts.forEach((startMs, n) => {
      expect(Math.abs(startMs - (starts[0] as number) - n * lengthMs)).toBeLessThan(50);
    });
    await expect(listen((hearing) => hearing.push(silence(20), 0))).rejects.toMatchObject({ reason: "AUDIO_FORMAT" });
  });

  it("lets the caller say where utterances end, whatever voice is heard", async () => {
    const log = await listen(async (hearing, seen) => {
      await hearing.setMode({ manual: true, silenceMs: 0 });
      expect(() => hearing.commit()).toThrow("no sound");
      await hearing.push(silence(500));
      await hearing.push(question);
      await hearing.push(silence(2000));
      await hearing.commit();
      expect(() => hearing.commit()).toThrow("no sound");
      await hearing.push(silence(300));
      await hearing.clear(() => seen.push("forgotten"));
      await hearing.push(silence(200));
      await hearing.commit();
      await hearing.setMode({ manual: false, silenceMs: 0 });
      await hearing.push(recording);
    });
    const lastMs = Math.round(2500 + (question.length / rateHz) * 1000);
    expect(log.slice(0, 6)).toEqual([
      "onset 0",
      `end ${lastMs}`,
      `onset ${lastMs}`,
      "forgotten",
      `onset ${lastMs + 300}`,
      `end ${lastMs + 500}`,
    ]);
    expect(log.slice(6).map((entry) => entry.split(" ")[0])).toEqual(["onset", "end"]);
  });

  it("tells that a voice goes on after what may have been all", async () => {
    const [first = 0] = voiceOf(recording);
    const log = await listen(async (hearing) => {
      await hearing.push(recording.subarray(0, rateHz + question.length + rateHz / 5));
      const endUs = BigInt(Math.round((question.length / rateHz + 0.3) * 1e6));
      const word = create(TranscribedWordSchema, { text: "Sunday?", confidence: 0.7, startUs: 0n, endUs });
      expect(hearing.guess(create(TranscriptSchema, { text: "On Sunday?", words: [word], sentenceEnd: 0.1 }))).toBe(true);
      hearing.settle();
      await hearing.push(recording.subarray(first));
    });
    expect(log.map((entry) => entry.split(" ")[0])).toEqual(["onset", "resumed", "end"]);
  });

  it("tells that a pause lasts whose words did not sound complete: they may be all, until a voice goes on", async () => {
    const [first = 0] = voiceOf(recording);
    const endUs = BigInt(Math.round((question.length / rateHz + 0.3) * 1e6));
    const word = create(TranscribedWordSchema, { text: "Sunday", confidence: 0.4, startUs: 0n, endUs });
    const guess = (text: string) => create(TranscriptSchema, { text, words: [word], sentenceEnd: 0 });
    const log = await listen(async (hearing) => {
      await hearing.push(recording.subarray(0, rateHz + question.length + rateHz / 5));
      expect(hearing.guess(guess("On Sunday"))).toBe(false);
      await hearing.push(silence(400));
      // A guess that comes late is told so at once.
      expect(hearing.guess(guess("On Sunday"))).toBe(true);
      await hearing.push(recording.subarray(first));
    });
    expect(log.map((entry) => entry.split(" ")[0])).toEqual(["onset", "lasting", "resumed", "end"]);
    const unheard = await listen(async (hearing) => {
      await hearing.push(recording.subarray(0, rateHz + question.length + rateHz / 5));
      expect(hearing.guess(guess(""))).toBe(false);
      await hearing.push(silence(500));
    });
    expect(unheard.map((entry) => entry.split(" ")[0])).toEqual(["onset"]);
  });

  it("ends what is open when no sound comes for now", async () => {
    const log = await listen(async (hearing) => {
      await hearing.push(recording.subarray(0, 2 * rateHz));
      await hearing.pause();
      await hearing.pause();
    });
    expect(log.map((entry) => entry.split(" ")[0])).toEqual(["onset", "end"]);
  });

  it("ignores what comes after it was closed", async () => {
    const events = {
      onset: () => expect.unreachable(),
      lasting: () => undefined,
      resumed: () => undefined,
      end: () => undefined,
      sound: () => undefined,
    };
    const hearing = await Hearing.open({ vad, policy: defaultEndpointPolicy, sampleRateHz: 48_000, events });
    const pushed = hearing.push(recording);
    hearing.close();
    hearing.close();
    await Promise.all([pushed, hearing.push(recording), hearing.finish()]);
  });
});

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const bytesOf = (samples: Float32Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

/** Where a cut of 16-bit sound stands in the whole, by a stretch of it that is not silent. */
function positionOf(cut: Float32Array, whole: Float32Array, from = 0): number {
  const mark = cut.findIndex((sample) => Math.abs(sample) > 0.02);
  for (let at = from; at + cut.length <= whole.length; at++) {
    let length = 0;
    while (length < 200 && whole[at + mark + length] === cut[mark + length]) length++;
    if (length === 200) return at;
  }
  return expect.unreachable("the sound is not in the whole");
}

/** First and last sample of what is as loud as a voice. */
function voiceOf(sound: Float32Array): readonly [number, number] {
  const window = rateHz / 50;
  const loud = Array.from(
    { length: Math.floor(sound.length / window) },
    (_, n) => rmsDb(sound.subarray(n * window, (n + 1) * window)) > -40,
  );
  return [loud.indexOf(true) * window, (loud.lastIndexOf(true) + 1) * window];
}
