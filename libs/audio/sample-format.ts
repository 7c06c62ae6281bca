import { decodeALaw, decodeMuLaw } from "./companding.ts";

/** How one sample is stored. */
export interface SampleFormat {
  readonly sizeBytes: number;
  /** @returns -1..1 */
  read(view: DataView, offset: number): number;
}

/** Format tags of WAVE files (RFC 2361). */
export const WaveFormatTag = { pcm: 1, float: 3, aLaw: 6, muLaw: 7, extensible: 0xfffe } as const;

const formats: ReadonlyMap<string, SampleFormat> = new Map([
  // 8-bit PCM is the only unsigned one.
  [key(WaveFormatTag.pcm, 8), { sizeBytes: 1, read: (view, offset) => (view.getUint8(offset) - 128) / 128 }],
  [key(WaveFormatTag.pcm, 16), { sizeBytes: 2, read: (view, offset) => view.getInt16(offset, true) / 2 ** 15 }],
  [
    key(WaveFormatTag.pcm, 24),
    { sizeBytes: 3, read: (view, offset) => (view.getUint16(offset, true) + view.getInt8(offset + 2) * 2 ** 16) / 2 ** 23 },
  ],
  [key(WaveFormatTag.pcm, 32), { sizeBytes: 4, read: (view, offset) => view.getInt32(offset, true) / 2 ** 31 }],
  [key(WaveFormatTag.float, 32), { sizeBytes: 4, read: (view, offset) => view.getFloat32(offset, true) }],
  [key(WaveFormatTag.float, 64), { sizeBytes: 8, read: (view, offset) => view.getFloat64(offset, true) }],
  [key(WaveFormatTag.aLaw, 8), { sizeBytes: 1, read: (view, offset) => decodeALaw(view.getUint8(offset)) }],
  [key(WaveFormatTag.muLaw, 8), { sizeBytes: 1, read: (view, offset) => decodeMuLaw(view.getUint8(offset)) }],
]);

export function findSampleFormat(tag: number, bitsPerSample: number): SampleFormat | undefined {
  return formats.get(key(tag, bitsPerSample));
}

function key(tag: number, bitsPerSample: number): string {
  return `${tag}/${bitsPerSample}`;
}
