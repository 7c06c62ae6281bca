import { floatToPcm16, pcm16ToBytes } from "./pcm16.ts";
import { WaveFormatTag } from "./sample-format.ts";

const HEADER_BYTES = 44;

/** A WAV file of 16-bit PCM, mono. @param samples -1..1, clipped outside */
export function writeWav(samples: Float32Array | Int16Array, sampleRateHz: number): Uint8Array {
  const pcm = pcm16ToBytes(samples instanceof Int16Array ? samples : floatToPcm16(samples));
  const file = new Uint8Array(HEADER_BYTES + pcm.length);
  const view = new DataView(file.buffer);
  const tag = (offset: number, text: string) => file.set(Buffer.from(text, "latin1"), offset);
  tag(0, "RIFF");
  view.setUint32(4, file.length - 8, true);
  tag(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, WaveFormatTag.pcm, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  tag(36, "data");
  view.setUint32(40, pcm.length, true);
  file.set(pcm, HEADER_BYTES);
  return file;
}
