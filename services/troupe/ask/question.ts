import { readFile, stat } from "node:fs/promises";
import { createResampler, readWav } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";

export type Question =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "audio"; readonly name: string; readonly samples: Float32Array };

export const questionRateHz = 16_000;
const maxDurationMs = 120_000;
const maxBytes = 64 * 1024 * 1024;

/**
 * A question as given on the command line: a path that ends in .wav, or text.
 * @throws ServiceError AUDIO_FORMAT, AUDIO_EMPTY, AUDIO_TRUNCATED, AUDIO_TOO_LONG, TEXT_EMPTY, INVALID_REQUEST
 */
export async function readQuestion(given: string): Promise<Question> {
  if (!/\.wav$/i.test(given)) {
    if (given.trim() === "") throw new ServiceError("TEXT_EMPTY", "the question is empty");
    return { kind: "text", text: given };
  }
  const info = await stat(given).catch(() => undefined);
  if (!info?.isFile()) throw new ServiceError("INVALID_REQUEST", `there is no file ${given}`);
  if (info.size > maxBytes) throw new ServiceError("AUDIO_TOO_LONG", `${given} has ${info.size} bytes, ${maxBytes} are allowed`);
  const wav = readWav(await readFile(given), { maxDurationMs });
  using resampler = await createResampler({ fromHz: wav.sampleRateHz, toHz: questionRateHz });
  const head = resampler.push(wav.samples);
  const tail = resampler.flush();
  const samples = new Float32Array(head.length + tail.length);
  samples.set(head);
  samples.set(tail, head.length);
  return { kind: "audio", name: given, samples };
}
