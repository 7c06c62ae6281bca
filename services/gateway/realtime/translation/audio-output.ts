import { bytesToPcm16, createResampler, encodeALaw, encodeMuLaw, pcm16ToFloat, type Resampler } from "@troupe/audio";
import { type AudioFormat, sampleRateOf } from "../protocol/audio-format.ts";

/** Sound of the presenter in the format of a client. */
export interface AudioOutput extends Disposable {
  readonly format: AudioFormat;
  /** @param pcm16 24 kHz, little endian @returns what can be said so far */
  push(pcm16: Uint8Array): Uint8Array;
  /** The rest of a response. */
  flush(): Uint8Array;
}

const presentedHz = 24_000;

export async function createAudioOutput(format: AudioFormat): Promise<AudioOutput> {
  if (format.type === "audio/pcm")
    return { format, push: (pcm16) => pcm16, flush: () => new Uint8Array(), [Symbol.dispose]: () => undefined };
  const resampler: Resampler = await createResampler({ fromHz: presentedHz, toHz: sampleRateOf(format) });
  const encode = format.type === "audio/pcmu" ? encodeMuLaw : encodeALaw;
  const compress = (samples: Float32Array) => Uint8Array.from(samples, encode);
  return {
    format,
    push: (pcm16) => compress(resampler.push(pcm16ToFloat(bytesToPcm16(pcm16)))),
    flush: () => compress(resampler.flush()),
    [Symbol.dispose]: () => resampler[Symbol.dispose](),
  };
}
