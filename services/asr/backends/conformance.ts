import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AsrBackend, TranscribeOptions } from "./backend.ts";

export interface ConformanceOptions {
  create(): AsrBackend | Promise<AsrBackend>;
  /** 16 kHz mono. */
  readonly speech: Float32Array;
  /** What is said in it, in lower case and without punctuation. */
  readonly words: readonly string[];
}

const SAMPLE_RATE_HZ = 16_000;

/** What every AsrBackend must do. Called from the backend's own test file. */
export function describeAsrBackend(name: string, options: ConformanceOptions): void {
  describe(`${name} as an AsrBackend`, () => {
    const { speech } = options;
    const durationUs = (speech.length * 1e6) / SAMPLE_RATE_HZ;
    let backend: AsrBackend;
    beforeAll(async () => {
      backend = await options.create();
    });
    afterAll(() => backend[Symbol.asyncDispose]());

    it("recognises what is said", async () => {
      const result = await backend.transcribe(speech, request());
      expect(plainWords(result.text)).toEqual(options.words);
      expect(backend.languages).toContain(result.language);
      expect(result.confidence).toBeGreaterThan(0.5);
      expect(result.confidence).toBeLessThanOrEqual(1);
      expect(result.sentenceEnd).toBeGreaterThan(0.5);
      expect(result.sentenceEnd).toBeLessThanOrEqual(1);
    });

    it("places every word of the text in order within the sound", async () => {
      for (const interim of [false, true]) {
        const { text, words } = await backend.transcribe(speech, request({ interim }));
        expect(words.map((word) => word.text).join(" ")).toBe(text);
        expect(words.length).toBeGreaterThan(0);
        let beforeUs = 0;
        for (const word of words) {
          expect(word.startUs).toBeGreaterThanOrEqual(beforeUs);
          expect(word.endUs).toBeGreaterThanOrEqual(word.startUs);
          expect(word.endUs).toBeLessThanOrEqual(durationUs);
          expect(word.confidence).toBeGreaterThan(0);
          expect(word.confidence).toBeLessThanOrEqual(1);
          beforeUs = word.startUs;
        }
      }
    });

    it("gives the same answer again and leaves the samples alone", async () => {
      const copy = speech.slice();
      const first = await backend.transcribe(copy, request());
      expect(await backend.transcribe(copy, request())).toEqual(first);
      expect(copy).toEqual(speech);
    });

    it("serves concurrent requests", async () => {
      const alone = await backend.transcribe(speech, request());
      const [speechAgain, silence] = await Promise.all([
        backend.transcribe(speech, request()),
        backend.transcribe(new Float32Array(SAMPLE_RATE_HZ), request()),
      ]);
      expect(speechAgain).toEqual(alone);
      expect(silence.text).toBe("");
    });

    it.each([0, 1, 400, SAMPLE_RATE_HZ])("hears nothing in %i samples of silence", async (length) => {
      const result = await backend.transcribe(new Float32Array(length), request());
      expect(result).toMatchObject({ text: "", words: [], confidence: 0, sentenceEnd: 0 });
    });

    it("refuses sound over its limit", async () => {
      const tooLong = new Float32Array((backend.maxAudioMs * SAMPLE_RATE_HZ) / 1000 + 1);
      await expect(backend.transcribe(tooLong, request())).rejects.toMatchObject({ reason: "AUDIO_TOO_LONG" });
    });

    it("refuses a language that it does not recognise", async () => {
      await expect(backend.transcribe(speech, request({ language: "tlh" }))).rejects.toMatchObject({ reason: "LANGUAGE_UNSUPPORTED" });
      const regional = `${backend.languages[0]}-001`;
      await expect(backend.transcribe(speech, request({ language: regional }))).resolves.toBeDefined();
    });

    it("takes hot words, and refuses more than a hundred or over fifty characters", async () => {
      const result = await backend.transcribe(speech, request({ hotWords: ["Xanthippe", "Ravenscroft"] }));
      expect(plainWords(result.text)).toEqual(options.words);
      const many = Array.from({ length: 101 }, (_, index) => `word${index}`);
      for (const hotWords of [many, ["x".repeat(51)]])
        await expect(backend.transcribe(speech, request({ hotWords }))).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    });

    it("tells its languages apart, if it has several and nobody says which", async () => {
      const found = await backend.detectLanguage?.(speech, request());
      if (found === undefined) return expect(backend.languages).toHaveLength(1);
      expect(backend.languages).toContain(found.language);
      expect(found.probability).toBeGreaterThan(0);
      expect(found.probability).toBeLessThanOrEqual(1);
      expect((await backend.transcribe(speech, request())).language).toBe(found.language);
    });

    it("fails with DEADLINE when the deadline is over", async () => {
      await expect(backend.transcribe(speech, request({ deadlineMs: performance.now() - 1 }))).rejects.toMatchObject({
        reason: "DEADLINE",
      });
    });

    it("fails with CANCELLED when the caller aborts, before or during the work, and goes on serving", async () => {
      await expect(backend.transcribe(speech, request({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ reason: "CANCELLED" });
      const caller = new AbortController();
      const running = backend.transcribe(speech, request({ signal: caller.signal }));
      caller.abort();
      await expect(running).rejects.toMatchObject({ reason: "CANCELLED" });
      await expect(backend.transcribe(speech, request())).resolves.toBeDefined();
    });

    it("fails with CANCELLED after it is closed", async () => {
      const closed = await options.create();
      await closed[Symbol.asyncDispose]();
      await expect(closed.transcribe(speech, request())).rejects.toMatchObject({ reason: "CANCELLED" });
    });
  });
}

function request(changes: Partial<TranscribeOptions> = {}): TranscribeOptions {
  return { interim: false, deadlineMs: performance.now() + 15_000, ...changes };
}

/** Lower case, without punctuation. */
export function plainWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}
