import { create } from "@bufbuild/protobuf";
import { TranscriptSchema } from "@troupe/contracts";
import type { Transcription } from "./backends/backend.ts";

/** A transcription as it goes out. */
export function toTranscript(result: Transcription) {
  return create(TranscriptSchema, {
    text: result.text,
    language: result.language,
    confidence: result.confidence,
    sentenceEnd: result.sentenceEnd,
    words: result.words.map((word) => ({
      text: word.text,
      confidence: word.confidence,
      startUs: BigInt(Math.round(word.startUs)),
      endUs: BigInt(Math.round(word.endUs)),
    })),
  });
}
