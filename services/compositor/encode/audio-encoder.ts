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
  encode(samples: Int16Array, ptsUs: number): void;
  flush(): Promise<void>;
  close(): void;
}

const codecNames: Partial<Record<AudioCodec, string>> = { [AudioCodec.AAC]: "mp4a.40.2", [AudioCodec.OPUS]: "opus" };
const bitrateBps = 64_000;

/** Mono sound as AAC or Opus access units, or as PCM passed through. */
export function createSoundEncoder(options: SoundEncoderOptions): SoundEncoder {
  const { sampleRateHz } = options;
  const codec = codecNames[options.codec];
  if (codec === undefined) return passThrough(options);
  let track: TrackDescription | undefined;
  const encoder = new AudioEncoder({
    output(chunk, metadata) {
      const config = metadata?.decoderConfig;
      if (config) track = { codec: config.codec, description: new Uint8Array((config.description as Uint8Array | undefined) ?? []) };
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      const durationUs = chunk.duration ?? Math.round((1024 / sampleRateHz) * 1e6);
      if (track) options.onUnit({ ptsUs: Math.max(0, chunk.timestamp), durationUs, keyframe: true, data }, track);
    },
    error: (cause) => options.onError(new ServiceError("BACKEND_FAILED", "the audio encoder failed", { cause })),
  });
  encoder.configure({ codec, sampleRate: sampleRateHz, numberOfChannels: 1, bitrate: bitrateBps });
  return {
    encode(samples, ptsUs) {
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
    close: () => encoder.close(),
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
