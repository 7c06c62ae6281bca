/** A part of a box: a number of bytes in big-endian order, or bytes. */
type Part = Uint8Array | readonly number[];

const encoder = new TextEncoder();
export const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
export const u32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
/** Up to 2^53. */
export const u64 = (value: number): number[] => [...u32(Math.floor(value / 2 ** 32)), ...u32(value >>> 0)];
export const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** A box of ISO/IEC 14496-12. */
export function box(type: string, ...parts: readonly Part[]): Uint8Array {
  const size = 8 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  bytes.set(u32(size));
  bytes.set(encoder.encode(type), 4);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A box with version and flags. */
export const fullBox = (type: string, version: number, flags: number, ...parts: readonly Part[]): Uint8Array =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);
