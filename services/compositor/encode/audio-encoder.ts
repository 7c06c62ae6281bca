import { AudioData, AudioEncoder } from "@napi-rs/webcodecs";
import { AudioCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { EncodedUnit, TrackDescription } from "./video-encoder.ts";

export interface SoundEncoderOptions {
  readonly codec: AudioCodec;
  readonly sampleRateHz: number;
  readonly onUnit: (unit: EncodedUnit, track: TrackDescription) => void;
  readonly onError: (error: ServiceError) => void;
}

export interface SoundEncoder {
  /** The sound of a stream without gaps. */
  encode(samples: Int16Array, ptsUs: number): void;
  /** Lets out what is left; nothing may be encoded afterwards. */
  flush(): Promise<void>;
  close(): void;
}

interface Codec {
  readonly name: string;
  /** Samples in one access unit. */
  frameSamples(sampleRateHz: number): number;
  /**
   * Units that only wind the decoder up. AAC's first one holds nothing but the encoder's delay; with it, all sound would be heard
   * one unit after its time.
   */
  readonly primingUnits: number;
}

const codecs: Partial<Record<AudioCodec, Codec>> = {
  [AudioCodec.AAC]: { name: "mp4a.40.2", frameSamples: () => 1024, primingUnits: 1 },
  [AudioCodec.OPUS]: { name: "opus", frameSamples: (rateHz) => rateHz / 50, primingUnits: 0 },
};
const bitrateBps = 64_000;

/** Mono sound as AAC or Opus access units, or as PCM passed through. */
export function createSoundEncoder(options: SoundEncoderOptions): SoundEncoder {
  const { sampleRateHz } = options;
  const codec = codecs[options.codec];
  if (codec === undefined) return passThrough(options);
  const { name, primingUnits } = codec;
  const frameSamples = codec.frameSamples(sampleRateHz);
  let track: TrackDescription | undefined;
  let startUs = 0;
  let units = 0;
  // Counted, since the encoder's own timestamps ignore its delay and go wrong at the end.
  const ptsOf = (unit: number) => startUs + Math.round(((unit * frameSamples) / sampleRateHz) * 1e6);
  const encoder = new AudioEncoder({
    output(chunk, metadata) {
      const config = metadata?.decoderConfig;
      if (config) track = { codec: config.codec, description: new Uint8Array((config.description as Uint8Array | undefined) ?? []) };
      const unit = units++ - primingUnits;
      if (!track || unit < 0) return;
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      options.onUnit({ ptsUs: ptsOf(unit), durationUs: ptsOf(unit + 1) - ptsOf(unit), keyframe: true, data }, track);
    },
    error: (cause) => options.onError(new ServiceError("BACKEND_FAILED", "the audio encoder failed", { cause })),
  });
  encoder.configure({ codec: name, sampleRate: sampleRateHz, numberOfChannels: 1, bitrate: bitrateBps });
  let first = true;
  return {
    encode(samples, ptsUs) {
      if (first) startUs = ptsUs;
      first = false;
      const audio = new AudioData({
        format: "s16",
        sampleRate: sampleRateHz,
        numberOfFrames: samples.length,
        numberOfChannels: 1,
        timestamp: ptsUs,
        data: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
      });
      encoder.encode(audio);
      audio.close();
    },
    flush: () => encoder.flush(),
    close() {
      if (encoder.state !== "closed") encoder.close();
    },
  };
}

function passThrough(options: SoundEncoderOptions): SoundEncoder {
  const track: TrackDescription = { codec: "pcm-s16", description: new Uint8Array() };
  return {
    encode(samples, ptsUs) {
      const durationUs = Math.round((samples.length / options.sampleRateHz) * 1e6);
      const data = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      options.onUnit({ ptsUs, durationUs, keyframe: true, data }, track);
    },
    flush: async () => undefined,
    close: () => undefined,
  };
}
