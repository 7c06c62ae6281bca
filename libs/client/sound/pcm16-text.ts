/** Samples in -1..1 as the base64 of signed 16-bit little-endian ones, as `input_audio_buffer.append` takes them. */
export function pcm16Text(samples: Float32Array): string {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let n = 0; n < samples.length; n++) {
    const sample = Math.max(-1, Math.min(1, samples[n] as number));
    view.setInt16(2 * n, Math.round(sample * 32_767), true);
  }
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Signed 16-bit little-endian samples as -1..1. */
export function pcm16Samples(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Float32Array(bytes.byteLength >> 1);
  for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(2 * n, true) / 32_768;
  return samples;
}
