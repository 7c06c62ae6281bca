import { AudioDecoder, EncodedAudioChunk } from "@napi-rs/webcodecs";
import { ServiceError } from "@troupe/errors";
import type { AudioUnits } from "./media-file.ts";

/** Mono sound on the file's presentation scale. */
export interface SoundSamples {
  readonly sampleRateHz: number;
  /** Time of the first sample, in seconds. */
  readonly startS: number;
  readonly samples: Float32Array;
}

interface Block {
  readonly timeS: number;
  readonly samples: Float32Array;
}

/** Decodes the first channel; what is missing between access units is silence. @throws ServiceError BACKEND_FAILED */
export async function decodeSound(audio: AudioUnits): Promise<SoundSamples> {
  const sampleRateHz = audio.config.sampleRate;
  const blocks = audio.config.codec === "pcm-s16" ? readPcm(audio) : await decodeBlocks(audio);
  const startS = Math.min(...blocks.map(({ timeS }) => timeS));
  const endS = Math.max(...blocks.map(({ timeS, samples }) => timeS + samples.length / sampleRateHz));
  if (!(endS > startS)) throw new ServiceError("AUDIO_EMPTY", "the file has no sound");
  const samples = new Float32Array(Math.ceil((endS - startS) * sampleRateHz) + 1);
  for (const block of blocks) samples.set(block.samples, Math.round((block.timeS - startS) * sampleRateHz));
  return { sampleRateHz, startS, samples };
}

function readPcm({ config, units }: AudioUnits): Block[] {
  return units.map(({ ptsUs, data }) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const samples = new Float32Array(data.byteLength / 2 / config.numberOfChannels);
    for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(n * 2 * config.numberOfChannels, true) / 32_768;
    return { timeS: ptsUs / 1e6, samples };
  });
}

async function decodeBlocks({ config, units }: AudioUnits): Promise<Block[]> {
  const blocks: Block[] = [];
  let failure: unknown;
  const decoder = new AudioDecoder({
    output(sound) {
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(new Uint8Array(samples.buffer), { planeIndex: 0, format: "f32-planar" });
      blocks.push({ timeS: sound.timestamp / 1e6, samples });
      sound.close();
    },
    error(cause) {
      failure = cause;
    },
  });
  try {
    decoder.configure(config as Parameters<AudioDecoder["configure"]>[0]);
    for (const { ptsUs: timestamp, durationUs: duration, data } of units)
      decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, duration, data }));
    await decoder.flush();
  } catch (cause) {
    failure ??= cause;
  } finally {
    if (decoder.state !== "closed") decoder.close();
  }
  if (failure) throw new ServiceError("BACKEND_FAILED", "the sound could not be decoded", { cause: failure });
  return blocks;
}
