import { ServiceError } from "@troupe/errors";
import { findSampleFormat, type SampleFormat, WaveFormatTag } from "./sample-format.ts";

export interface Wav {
  /** Mono: the mean of the channels. -1..1 */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  /** How many channels the file had. */
  readonly channels: number;
}

export interface ReadWavOptions {
  /** Default: no limit. */
  readonly maxDurationMs?: number;
}

interface Format {
  readonly sample: SampleFormat;
  readonly channels: number;
  readonly sampleRateHz: number;
}

const MAX_CHANNELS = 32;
const MAX_SAMPLE_RATE_HZ = 768_000;
/** Written by programs that could not know the size, such as those that write to a pipe. */
const UNKNOWN_SIZE = 0xffff_ffff;

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law, mu-law, plain or WAVE_FORMAT_EXTENSIBLE.
 * @throws ServiceError AUDIO_FORMAT, AUDIO_EMPTY, AUDIO_TRUNCATED, AUDIO_TOO_LONG
 */
export function readWav(bytes: Uint8Array, options: ReadWavOptions = {}): Wav {
  if (bytes.length === 0) throw new ServiceError("AUDIO_EMPTY", "the file is empty");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (tagAt(view, 0) !== "RIFF" || tagAt(view, 8) !== "WAVE") throw new ServiceError("AUDIO_FORMAT", "not a WAV file");
  let format: Format | undefined;
  for (let offset = 12; offset + 8 <= view.byteLength; ) {
    const tag = tagAt(view, offset);
    const sizeBytes = view.getUint32(offset + 4, true);
    offset += 8;
    if (tag === "fmt ") format = readFormat(view, offset, sizeBytes);
    if (tag === "data") {
      if (!format) throw new ServiceError("AUDIO_FORMAT", "the sound comes before its format");
      return readSamples(view, offset, sizeBytes, format, options);
    }
    offset += sizeBytes + (sizeBytes % 2);
  }
  throw new ServiceError("AUDIO_TRUNCATED", "the file ends before its sound");
}

function readFormat(view: DataView, offset: number, sizeBytes: number): Format {
  if (sizeBytes < 16) throw new ServiceError("AUDIO_FORMAT", `a format chunk of ${sizeBytes} bytes`);
  if (offset + sizeBytes > view.byteLength) throw new ServiceError("AUDIO_TRUNCATED", "the file ends in its header");
  const declared = view.getUint16(offset, true);
  // The extensible header keeps the real tag in the first two bytes of its sub-format GUID.
  const tag = declared === WaveFormatTag.extensible && sizeBytes >= 26 ? view.getUint16(offset + 24, true) : declared;
  const channels = view.getUint16(offset + 2, true);
  const sampleRateHz = view.getUint32(offset + 4, true);
  const bitsPerSample = view.getUint16(offset + 14, true);
  const sample = findSampleFormat(tag, bitsPerSample);
  if (!sample) throw new ServiceError("AUDIO_FORMAT", `WAV format ${tag} with ${bitsPerSample} bits a sample`);
  if (channels < 1 || channels > MAX_CHANNELS) throw new ServiceError("AUDIO_FORMAT", `${channels} channels`);
  if (sampleRateHz < 1 || sampleRateHz > MAX_SAMPLE_RATE_HZ) throw new ServiceError("AUDIO_FORMAT", `${sampleRateHz} samples a second`);
  return { sample, channels, sampleRateHz };
}

function readSamples(view: DataView, offset: number, declaredBytes: number, format: Format, options: ReadWavOptions): Wav {
  const { sample, channels, sampleRateHz } = format;
  const presentBytes = view.byteLength - offset;
  const sizeBytes = declaredBytes === UNKNOWN_SIZE ? presentBytes : declaredBytes;
  if (sizeBytes > presentBytes) throw new ServiceError("AUDIO_TRUNCATED", `${presentBytes} bytes of sound instead of ${sizeBytes}`);
  const frameBytes = sample.sizeBytes * channels;
  const frames = Math.floor(sizeBytes / frameBytes);
  if (frames === 0) throw new ServiceError("AUDIO_EMPTY", "the file holds no samples");
  const durationMs = (frames * 1000) / sampleRateHz;
  if (durationMs > (options.maxDurationMs ?? Number.POSITIVE_INFINITY)) {
    throw new ServiceError("AUDIO_TOO_LONG", `${Math.round(durationMs)} ms is over ${options.maxDurationMs} ms`);
  }
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += sample.read(view, offset + frame * frameBytes + channel * sample.sizeBytes);
    samples[frame] = sum / channels;
  }
  return { samples, sampleRateHz, channels };
}

function tagAt(view: DataView, offset: number): string {
  if (offset + 4 > view.byteLength) return "";
  return String.fromCharCode(view.getUint8(offset), view.getUint8(offset + 1), view.getUint8(offset + 2), view.getUint8(offset + 3));
}
