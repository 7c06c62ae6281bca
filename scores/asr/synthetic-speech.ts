import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createResampler, floatToPcm16, readWav, writeWav } from "@troupe/audio";
import type { TtsBackend } from "@troupe/tts/backends";

const rateHz = 16_000;

export interface SpokenSentence {
  readonly text: string;
  /** BCP-47. */
  readonly language: string;
  readonly voice: string;
}

/** Says a sentence; kept in the cache, since a voice may take as long as the sound lasts. @returns 16 kHz mono */
export async function speak(tts: TtsBackend, sentence: SpokenSentence, cacheDir: string): Promise<Float32Array> {
  const { text, language, voice } = sentence;
  const folder = join(cacheDir, "datasets", "synthetic-speech");
  await mkdir(folder, { recursive: true });
  const key = createHash("sha256").update(`${tts.name}\n${voice}\n${text}`).digest("hex").slice(0, 24);
  const path = join(folder, `${key}.wav`);
  const kept = await readFile(path).catch(() => undefined);
  if (kept) return readWav(kept).samples;
  const slices: Float32Array[] = [];
  const clause = { text, language, voice, rate: 1 };
  for await (const { samples } of tts.synthesize(clause, { deadlineMs: performance.now() + 120_000 })) slices.push(samples);
  using resampler = await createResampler({ fromHz: tts.sampleRateHz, toHz: rateHz });
  const sound = concat([...slices.map((slice) => resampler.push(slice)), resampler.flush()]);
  await writeFile(path, writeWav(floatToPcm16(sound), rateHz));
  return sound;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
