import { setTimeout as delay } from "node:timers/promises";
import { rmsDb } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import type { AsrBackend, RecognisedWord } from "./backend.ts";
import { checkRequest, nothingSaid, SAMPLE_RATE_HZ, untilDeadline } from "./transcribe-request.ts";

export interface StubBackendOptions {
  /** What is "heard". Default: a question to a museum. */
  readonly text?: string;
  /** How long one transcription takes. Default 0. */
  readonly delayMs?: number;
  /** BCP-47 primary subtag. Default "en". */
  readonly language?: string;
}

/** An interim holds a word for each such stretch of sound. */
const WORD_MS = 250;
const SILENCE_DB = -60;

/** Hears the same words in every sound that is not silent; interims hear the first of them. For tests and benchmarks. */
export function createStubBackend(options: StubBackendOptions = {}): AsrBackend {
  const { text = "What are the opening hours of the museum on Sunday?", delayMs = 0, language = "en" } = options;
  const closing = new AbortController();
  const description = { name: "stub", languages: [language], maxAudioMs: 30_000 };
  return {
    ...description,
    async transcribe(samples, request) {
      if (closing.signal.aborted) throw ServiceError.from(closing.signal.reason);
      checkRequest(description, samples, request);
      const signal = AbortSignal.any([closing.signal, untilDeadline(request)]);
      await delay(delayMs, undefined, { signal }).catch(() => {
        throw ServiceError.from(signal.reason);
      });
      if (rmsDb(samples) < SILENCE_DB) return nothingSaid(language);
      const durationUs = Math.round((samples.length * 1e6) / SAMPLE_RATE_HZ);
      const all = text.split(" ");
      const heard = request.interim ? all.slice(0, Math.ceil(durationUs / (WORD_MS * 1000))) : all;
      const sentenceEnd = /[.?!。？！]$/u.test(heard.at(-1) ?? "") ? 1 : 0;
      return { text: heard.join(" "), language, words: spread(heard, durationUs), confidence: 1, sentenceEnd };
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new ServiceError("CANCELLED", "the backend is closed"));
    },
  };
}

function spread(words: readonly string[], durationUs: number): readonly RecognisedWord[] {
  return words.map((text, index) => ({
    text,
    startUs: Math.round((durationUs * index) / words.length),
    endUs: Math.round((durationUs * (index + 1)) / words.length),
    confidence: 1,
  }));
}
