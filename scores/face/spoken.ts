import { readFile } from "node:fs/promises";
import { floatToPcm16 } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import type { SpeechChunk } from "@troupe/face/backends";
import type { TimedText, TtsBackend } from "@troupe/tts/backends";
import { z } from "zod";

const schema = z.object({
  about: z.string(),
  sets: z.array(
    z.strictObject({
      name: z.string(),
      language: z.string(),
      purpose: z.enum(["tune", "test"]),
      /** Each sentence is said by one of them, in turn. */
      voices: z.array(z.string()).min(1),
      sentences: z.array(z.string()).min(1),
    }),
  ),
});

export type SentenceSet = z.infer<typeof schema>["sets"][number];

export async function readSentences(): Promise<readonly SentenceSet[]> {
  return schema.parse(JSON.parse(await readFile(new URL("sentences.json", import.meta.url), "utf8"))).sets;
}

/** A sentence as a voice said it. */
export interface Spoken {
  readonly text: string;
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
  /** In microseconds from the first sample. */
  readonly phones: readonly TimedText[];
}

/** The set's sentences by those of its voices that the backend has. @throws ServiceError LANGUAGE_UNSUPPORTED if it has none */
export async function* speakSet(tts: TtsBackend, set: SentenceSet, signal: AbortSignal): AsyncGenerator<Spoken> {
  const voices = set.voices.filter((id) => tts.voices.some((voice) => voice.id === id));
  if (voices.length === 0) throw new ServiceError("LANGUAGE_UNSUPPORTED", `no voice for ${set.name}: ${set.voices.join(", ")}`);
  for (const [n, text] of set.sentences.entries()) {
    yield await speak(tts, { text, language: set.language, voice: voices[n % voices.length] as string }, signal);
  }
}

const budgetMs = 60_000;

async function speak(
  tts: TtsBackend,
  { text, language, voice }: { readonly text: string; readonly language: string; readonly voice: string },
  signal: AbortSignal,
): Promise<Spoken> {
  const samples: Int16Array[] = [];
  const phones: TimedText[] = [];
  for await (const slice of tts.synthesize({ text, language, voice, rate: 1 }, { deadlineMs: performance.now() + budgetMs, signal })) {
    samples.push(floatToPcm16(slice.samples));
    phones.push(...slice.phones);
  }
  const whole = new Int16Array(samples.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of samples) {
    whole.set(part, at);
    at += part.length;
  }
  return { text, samples: whole, sampleRateHz: tts.sampleRateHz, phones };
}

const chunkSamples = 4_800;

/** The speech as the voice's stage sends it: chunks of 200 ms at 24 kHz with the phones that start in them. */
export async function* chunksOf({ samples, sampleRateHz, phones }: Spoken): AsyncGenerator<SpeechChunk> {
  for (let from = 0; from < samples.length; from += chunkSamples) {
    const us = (sample: number) => (sample * 1_000_000) / sampleRateHz;
    const untilUs = from + chunkSamples >= samples.length ? Number.POSITIVE_INFINITY : us(from + chunkSamples);
    const starting = phones.filter(({ startUs }) => startUs >= us(from) && startUs < untilUs);
    yield {
      ptsUs: Math.round(us(from)),
      samples: samples.subarray(from, from + chunkSamples),
      sampleRateHz,
      phones: starting.map(({ text, startUs, endUs }) => ({ symbol: text, startUs, endUs })),
    };
  }
}
