/**
 * Samples of -1..1 as signed 16-bit integers, rounded; what lies outside is clipped and NaN becomes silence.
 * One step is 1/32768, so that `pcm16ToFloat` followed by this gives the same integers.
 */
export function floatToPcm16(samples: Float32Array): Int16Array {
  const pcm = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    const scaled = Math.round((samples[index] as number) * 32_768);
    pcm[index] = Math.max(-32_768, Math.min(32_767, scaled));
  }
  return pcm;
}

export function pcm16ToFloat(pcm: Int16Array): Float32Array {
  const samples = new Float32Array(pcm.length);
  for (let index = 0; index < pcm.length; index++) samples[index] = (pcm[index] as number) / 32_768;
  return samples;
}

/** Little endian, as on the wire and in WAV files. */
export function pcm16ToBytes(pcm: Int16Array): Uint8Array {
  const bytes = new Uint8Array(pcm.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < pcm.length; index++) view.setInt16(index * 2, pcm[index] as number, true);
  return bytes;
}

/** @param bytes little endian, at any alignment; an odd last byte is ignored */
export function bytesToPcm16(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pcm = new Int16Array(bytes.byteLength >> 1);
  for (let index = 0; index < pcm.length; index++) pcm[index] = view.getInt16(index * 2, true);
  return pcm;
}
