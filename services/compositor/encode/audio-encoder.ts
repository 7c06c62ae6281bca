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
  /** The sound of a stream without gaps. `ptsUs` counts for the first one; the others follow it. */
  encode(samples: Int16Array, ptsUs: number): void;
  /** Lets out what is left; nothing may be encoded afterwards. */
  flush(): Promise<void>;
  close(): void;
}

interface Codec {
  readonly name: string;
  /** Samples in one access unit. */
  frameSamples(sampleRateHz: number): number;
  /** How much later than it was given in sound comes out of a decoder that skips nothing, in samples. */
  delaySamples(sampleRateHz: number): number;
  /** What decoders are told, without anything that would have some of them skip the delay again. */
  description(given: Uint8Array): Uint8Array;
}

const codecs: Partial<Record<AudioCodec, Codec>> = {
  // FFmpeg's AAC encoder is late by one frame.
  [AudioCodec.AAC]: { name: "mp4a.40.2", frameSamples: () => 1024, delaySamples: () => 1024, description: (given) => given },
  // libopus looks 6.5 ms ahead (312 samples at 48 kHz: the pre-skip of its OpusHead, RFC 7845, 5.1).
  [AudioCodec.OPUS]: {
    name: "opus",
    frameSamples: (rateHz) => rateHz / 50,
    delaySamples: (rateHz) => (312 * rateHz) / 48_000,
    description: withoutPreSkip,
  },
};
const bitrateBps = 64_000;
const preSkipAt = 10;

function withoutPreSkip(opusHead: Uint8Array): Uint8Array {
  return opusHead.map((value, at) => (at === preSkipAt || at === preSkipAt + 1 ? 0 : value));
}

/**
 * Mono sound as AAC or Opus access units, or as PCM passed through. A unit's time is when its first sample sounds, the encoder's delay
 * taken off; what only winds the decoder up before time 0 is left out.
 */
export function createSoundEncoder(options: SoundEncoderOptions): SoundEncoder {
  const { sampleRateHz } = options;
  const codec = codecs[options.codec];
  if (codec === undefined) return passThrough(options);
  const frameSamples = codec.frameSamples(sampleRateHz);
  let track: TrackDescription | undefined;
  let startUs = 0;
  let units = 0;
  const delaySamples = codec.delaySamples(sampleRateHz);
  // Counted, since the encoder's own timestamps ignore its delay and go wrong at the end.
  const ptsOf = (unit: number) => startUs + Math.round(((unit * frameSamples - delaySamples) / sampleRateHz) * 1e6);
  const encoder = new AudioEncoder({
    output(chunk, metadata) {
      const config = metadata?.decoderConfig;
      if (config) {
        const given = new Uint8Array((config.description as Uint8Array | undefined) ?? []);
        track = { codec: config.codec, description: codec.description(given) };
      }
      const unit = units++;
      if (!track || ptsOf(unit) < 0 || ptsOf(unit + 1) <= startUs) return;
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      options.onUnit({ ptsUs: ptsOf(unit), durationUs: ptsOf(unit + 1) - ptsOf(unit), keyframe: true, data }, track);
    },
    error: (cause) => options.onError(new ServiceError("BACKEND_FAILED", "the audio encoder failed", { cause })),
  });
  encoder.configure({ codec: codec.name, sampleRate: sampleRateHz, numberOfChannels: 1, bitrate: bitrateBps });
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
