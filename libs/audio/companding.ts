/** One byte of ITU-T G.711 A-law as a sample of -1..1. */
export function decodeALaw(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = code & 15;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return (code & 0x80 ? magnitude : -magnitude) / 32_768;
}

/** One byte of ITU-T G.711 mu-law as a sample of -1..1. */
export function decodeMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const exponent = (code >> 4) & 7;
  const magnitude = ((((code & 15) << 3) + 0x84) << exponent) - 0x84;
  return (code & 0x80 ? -magnitude : magnitude) / 32_768;
}

/** A sample of -1..1 as ITU-T G.711 A-law; what lies outside is clipped. */
export function encodeALaw(sample: number): number {
  const value = clipped(sample);
  const magnitude = Math.min(value < 0 ? -value - 1 : value, 32_767) >> 4;
  const exponent = Math.max(0, 28 - Math.clz32(magnitude));
  const mantissa = exponent === 0 ? magnitude & 15 : (magnitude >> (exponent - 1)) & 15;
  return ((value < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55;
}

/** A sample of -1..1 as ITU-T G.711 mu-law; what lies outside is clipped. */
export function encodeMuLaw(sample: number): number {
  const value = clipped(sample);
  const magnitude = Math.min(Math.abs(value), 32_635) + 0x84;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~((value < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

/** @returns -32768..32767 */
const clipped = (sample: number) => Math.max(-32_768, Math.min(32_767, Math.round((sample || 0) * 32_768)));
