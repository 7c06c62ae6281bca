import type { RecognisedWord } from "../backend.ts";
import { SAMPLE_RATE_HZ } from "../transcribe-request.ts";
import { findSoundingSpan } from "./sounding-span.ts";
import type { Decoded } from "./text-row.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { alignTokens } from "./word-times.ts";

/** One encoder state covers two frames of 10 ms. */
const STATE_SAMPLES = 320;

/** Groups tokens into words (punctuation stays with the word before it) and places them in the sound. */
export function toWords(decoded: Decoded, vocabulary: Vocabulary, samples: Float32Array): readonly RecognisedWord[] {
  const spans = alignTokens(decoded.attention, Math.ceil(samples.length / STATE_SAMPLES));
  // The path through the attention must begin with the sound and end with it; words do neither.
  const sounding = findSoundingSpan(samples, STATE_SAMPLES);
  const toUs = (state: number) => {
    const sample = Math.min(sounding.end, Math.max(sounding.start, state * STATE_SAMPLES));
    return Math.round((sample * 1e6) / SAMPLE_RATE_HZ);
  };
  return groupByWord(decoded.tokens, vocabulary).map(({ first, end }) => ({
    text: vocabulary.decode(decoded.tokens.slice(first, end)).trim(),
    startUs: toUs(spans[first]?.start ?? 0),
    endUs: toUs(spans[end - 1]?.end ?? 0),
    confidence: meanProbability(decoded.logProbabilities.slice(first, end)),
  }));
}

/** The geometric mean, 0..1. */
export function meanProbability(logProbabilities: readonly number[]): number {
  if (logProbabilities.length === 0) return 0;
  return Math.exp(logProbabilities.reduce((sum, value) => sum + value, 0) / logProbabilities.length);
}

interface TokenRange {
  readonly first: number;
  readonly end: number;
}

/** At spaces, and before every Han character: their script has none. */
function groupByWord(tokens: readonly number[], vocabulary: Vocabulary): readonly TokenRange[] {
  const starts = tokens.flatMap((token, index) =>
    index === 0 || vocabulary.startsWord(token) || vocabulary.startsHan(token) ? [index] : [],
  );
  return starts
    .map((first, index) => ({ first, end: starts[index + 1] ?? tokens.length }))
    .filter(({ first, end }) => vocabulary.decode(tokens.slice(first, end)).trim() !== "");
}
