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
