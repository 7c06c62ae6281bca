import { ServiceError } from "@troupe/errors";
import type { AsrBackend, TranscribeOptions, Transcription } from "./backend.ts";

/** What every backend takes and gives. */
export const SAMPLE_RATE_HZ = 16_000;

/** Hot words of a session. */
const MAX_HOT_WORDS = 100;
const MAX_HOT_WORD_CHARACTERS = 50;

/** @throws ServiceError INVALID_REQUEST */
export function checkHotWords(words: readonly string[]): void {
  if (words.length > MAX_HOT_WORDS) throw new ServiceError("INVALID_REQUEST", `hotWords: at most ${MAX_HOT_WORDS}, not ${words.length}`);
  const long = words.find((word) => [...word].length > MAX_HOT_WORD_CHARACTERS);
  if (long !== undefined) {
    throw new ServiceError(
      "INVALID_REQUEST",
      `hotWords: at most ${MAX_HOT_WORD_CHARACTERS} characters each; too long: "${long.slice(0, 20)}…"`,
    );
  }
}

/** @throws ServiceError LANGUAGE_UNSUPPORTED, AUDIO_TOO_LONG, INVALID_REQUEST, CANCELLED, DEADLINE */
export function checkRequest(
  backend: Pick<AsrBackend, "name" | "languages" | "maxAudioMs">,
  samples: Float32Array,
  request: TranscribeOptions,
): void {
  const subtag = primarySubtag(request.language);
  if (subtag !== undefined && !backend.languages.includes(subtag)) {
    throw new ServiceError("LANGUAGE_UNSUPPORTED", `${backend.name} does not recognise ${request.language}`);
  }
  const audioMs = (samples.length * 1000) / SAMPLE_RATE_HZ;
  if (audioMs > backend.maxAudioMs) throw new ServiceError("AUDIO_TOO_LONG", `${Math.round(audioMs)} ms is over ${backend.maxAudioMs} ms`);
  checkHotWords(request.hotWords ?? []);
  if (request.signal?.aborted) throw ServiceError.from(request.signal.reason);
  if (performance.now() > request.deadlineMs) throw new ServiceError("DEADLINE", "the deadline is over already");
}

/** "zh" of "zh-CN". */
export function primarySubtag(language: string | undefined): string | undefined {
  return language?.split("-")[0]?.toLowerCase();
}

/**
 * Aborts with the request's signal and at its deadline, so that the caller is answered in time even when
 * the work itself cannot be stopped.
 */
export function untilDeadline(request: TranscribeOptions): AbortSignal {
  const longestMs = 2 ** 31 - 1;
  const remainingMs = Math.max(0, Math.ceil(request.deadlineMs - performance.now()));
  const timeout = AbortSignal.timeout(Math.min(longestMs, remainingMs));
  return request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
}

/** What is recognised where nobody speaks. */
export function nothingSaid(language: string): Transcription {
  return { text: "", language, words: [], confidence: 0, sentenceEnd: 0 };
}
