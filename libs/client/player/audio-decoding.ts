import { pcm16Samples } from "../sound/pcm16-text.ts";
import { RateConverter } from "../sound/rate-converter.ts";
import type { AccessUnit, TrackHeader } from "../wire/av-packet.ts";
import type { SoundChunk } from "./sound-queue.ts";

export interface AudioDecoding {
  decode(unit: AccessUnit): void;
  close(): void;
}

/** Units that may wait in the decoder; its output takes their times in order. */
const maxPending = 64;

/**
 * Turns access units into chunks at the rate of the AudioContext: PCM16 as it is, the rest through WebCodecs' AudioDecoder.
 * @param onChunk in order of the units
 * @param onError the decoder is of no use any more
 */
export function createAudioDecoding(
  header: TrackHeader,
  contextRateHz: number,
  onChunk: (chunk: SoundChunk) => void,
  onError: (error: Error) => void,
): AudioDecoding {
  const emit = createConverting(contextRateHz, onChunk);
  if (header.codec.startsWith("pcm")) {
    return { decode: (unit) => emit(unit, pcm16Samples(unit.data), header.sampleRateHz), close: () => undefined };
  }
  const pending: AccessUnit[] = [];
  const decoder = new AudioDecoder({
    output(data) {
      const unit = pending.shift();
      if (unit) emit(unit, firstChannel(data), data.sampleRate);
      data.close();
    },
    error: onError,
  });
  decoder.configure({
    codec: header.codec,
    sampleRate: header.sampleRateHz,
    numberOfChannels: 1,
    ...(header.description.length > 0 ? { description: header.description.slice() } : {}),
  });
  return {
    decode(unit) {
      if (decoder.state !== "configured") return;
      pending.push(unit);
      if (pending.length > maxPending) pending.shift();
      decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: unit.ptsUs, duration: unit.durationUs, data: unit.data.slice() }));
    },
    close: () => decoder.state !== "closed" && decoder.close(),
  };
}

function createConverting(contextRateHz: number, onChunk: (chunk: SoundChunk) => void) {
  let converter: RateConverter | undefined;
  let rateHz = 0;
  return ({ ptsUs, durationUs, response }: AccessUnit, samples: Float32Array, fromHz: number) => {
    if (fromHz !== rateHz) converter = new RateConverter(fromHz, contextRateHz);
    rateHz = fromHz;
    const converted = converter?.push(samples) ?? samples;
    if (converted.length > 0) onChunk({ ptsUs, durationUs, response, samples: converted });
  };
}

function firstChannel(data: AudioData): Float32Array {
  const samples = new Float32Array(data.numberOfFrames);
  data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
  return samples;
}
