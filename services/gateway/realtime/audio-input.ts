import { bytesToPcm16, createResampler, decodeALaw, decodeMuLaw, pcm16ToFloat, type Resampler } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import { type AudioFormat, bytesPerSample, sampleRateOf } from "./protocol/audio-format.ts";
import { invalid } from "./protocol/unsupported.ts";
import { heardRateHz } from "./session-options.ts";

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Bytes of a client's sound.
 * @param param path of the field, for the error
 * @throws ServiceError INVALID_REQUEST where it is no base64 of whole samples
 */
export function readAudio(text: string, format: AudioFormat, param: string): Uint8Array {
  if (text.length % 4 !== 0 || !base64.test(text)) throw invalid(param, `${param} is not base64`);
  const bytes = Buffer.from(text, "base64");
  if (bytes.byteLength % bytesPerSample(format) !== 0) throw invalid(param, `${param} ends amid a sample`);
  return bytes;
}

/** Sound of one client as the session hears it: mono, -1..1, 24 kHz. */
export interface AudioInput extends Disposable {
  readonly format: AudioFormat;
  push(bytes: Uint8Array): Float32Array;
}

export async function createAudioInput(format: AudioFormat): Promise<AudioInput> {
  if (format.type === "audio/pcm") return { format, push: (bytes) => pcm16ToFloat(bytesToPcm16(bytes)), [Symbol.dispose]: () => undefined };
  const resampler: Resampler = await createResampler({ fromHz: sampleRateOf(format), toHz: heardRateHz });
  const decode = format.type === "audio/pcmu" ? decodeMuLaw : decodeALaw;
  return {
    format,
    push: (bytes) => resampler.push(Float32Array.from(bytes, decode)),
    [Symbol.dispose]: () => resampler[Symbol.dispose](),
  };
}

/** What was appended since the last commit, in milliseconds. */
export class InputAudioLength {
  #ms = 0;

  add(bytes: number, format: AudioFormat): void {
    this.#ms += (bytes / bytesPerSample(format) / sampleRateOf(format)) * 1000;
  }

  /** @throws ServiceError AUDIO_EMPTY where there is too little to be understood */
  take(minMs: number): void {
    const ms = this.#ms;
    if (ms < minMs) throw new ServiceError("AUDIO_EMPTY", `the buffer holds ${Math.round(ms)} ms of sound, ${minMs} ms are needed`);
    this.#ms = 0;
  }

  clear(): void {
    this.#ms = 0;
  }
}
