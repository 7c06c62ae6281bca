import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rmsDb } from "./loudness.ts";
import { bytesToPcm16, floatToPcm16, pcm16ToBytes, pcm16ToFloat } from "./pcm16.ts";
import { readWav } from "./wav-reading.ts";
import { writeWav } from "./wav-writing.ts";

interface Layout {
  readonly tag: number;
  readonly bits: number;
  readonly channels?: number;
  readonly extensible?: boolean;
  /** Overrides what the header says of the data. */
  readonly declaredBytes?: number;
}

/** A WAV file of raw sample bytes, with a chunk of odd size before the sound. */
function wavFile(data: Uint8Array, layout: Layout): Uint8Array {
  const { tag, bits, channels = 1, extensible = false } = layout;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(16_000, 4);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(tag, 24);
  const sound = chunk("data", data);
  sound.writeUInt32LE(layout.declaredBytes ?? data.length, 4);
  const body = Buffer.concat([Buffer.from("WAVE"), chunk("fmt ", format), chunk("LIST", Buffer.from("abc")), sound]);
  return chunk("RIFF", body);
}

function chunk(tag: string, data: Uint8Array): Buffer {
  const head = Buffer.from(`${tag}....`);
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

const int16Samples = fc.int16Array({ minLength: 1, maxLength: 200 });

describe("PCM16", () => {
  it("survives the way to float and bytes and back", () => {
    fc.assert(
      fc.property(int16Samples, (pcm) => {
        expect(floatToPcm16(pcm16ToFloat(pcm))).toEqual(pcm);
        expect(bytesToPcm16(pcm16ToBytes(pcm))).toEqual(pcm);
      }),
    );
  });

  it("reads bytes at any alignment", () => {
    const shifted = new Uint8Array([9, ...pcm16ToBytes(Int16Array.of(-2, 300))]).subarray(1);
    expect([...bytesToPcm16(shifted)]).toEqual([-2, 300]);
  });

  it("clips what is too loud and silences what is no number", () => {
    expect([...floatToPcm16(Float32Array.of(1.5, -1.5, Number.NaN))]).toEqual([32_767, -32_768, 0]);
  });
});

describe("WAV", () => {
  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(int16Samples, fc.integer({ min: 8_000, max: 48_000 }), (pcm, sampleRateHz) => {
        const wav = readWav(writeWav(pcm, sampleRateHz));
        expect(wav.sampleRateHz).toBe(sampleRateHz);
        expect(floatToPcm16(wav.samples)).toEqual(pcm);
      }),
    );
  });

  it.each([
    ["8-bit PCM", { tag: 1, bits: 8 }, [0, 128, 192], [-1, 0, 0.5]],
    ["24-bit PCM", { tag: 1, bits: 24 }, [0, 0, 0x80, 0, 0, 0x40, 0xff, 0xff, 0xff], [-1, 0.5, -1 / 2 ** 23]],
    ["32-bit PCM", { tag: 1, bits: 32 }, [0, 0, 0, 0x80, 0, 0, 0, 0x40], [-1, 0.5]],
    ["32-bit float", { tag: 3, bits: 32 }, [...new Uint8Array(Float32Array.of(0.25, -0.75).buffer)], [0.25, -0.75]],
    ["64-bit float", { tag: 3, bits: 64 }, [...new Uint8Array(Float64Array.of(0.25, -0.75).buffer)], [0.25, -0.75]],
    // The codes of silence, full scale and the smallest steps, from the tables of ITU-T G.711 (at 16 bits).
    ["A-law", { tag: 6, bits: 8 }, [0xd5, 0x55, 0xaa, 0x2a], [8 / 32_768, -8 / 32_768, 32_256 / 32_768, -32_256 / 32_768]],
    ["mu-law", { tag: 7, bits: 8 }, [0xff, 0x7f, 0x80, 0x00], [0, 0, 32_124 / 32_768, -32_124 / 32_768]],
    ["stereo", { tag: 1, bits: 8, channels: 2 }, [128, 192, 0, 0], [0.25, -1]],
    ["the extensible header", { tag: 1, bits: 8, extensible: true }, [192], [0.5]],
    ["a size that was not known", { tag: 1, bits: 8, declaredBytes: 0xffff_ffff }, [192, 192], [0.5, 0.5]],
  ])("reads %s", (_, layout, data, samples) => {
    expect([...readWav(wavFile(Uint8Array.from(data), layout)).samples]).toEqual(samples.map(Math.fround));
  });

  it.each([
    ["AUDIO_EMPTY", new Uint8Array()],
    ["AUDIO_EMPTY", wavFile(new Uint8Array(), { tag: 1, bits: 16 })],
    ["AUDIO_FORMAT", Buffer.from("OggS and something that is long enough for a header")],
    ["AUDIO_FORMAT", wavFile(new Uint8Array(4), { tag: 2, bits: 4 })],
    ["AUDIO_FORMAT", wavFile(new Uint8Array(4), { tag: 1, bits: 16, channels: 0 })],
    ["AUDIO_TRUNCATED", wavFile(new Uint8Array(4), { tag: 1, bits: 16, declaredBytes: 100 })],
    ["AUDIO_TRUNCATED", wavFile(new Uint8Array(4), { tag: 1, bits: 16 }).subarray(0, 24)],
  ])("refuses with %s", (reason, file) => {
    expect(() => readWav(file)).toThrow(expect.objectContaining({ reason }));
  });

  it("refuses a sound over the limit", () => {
    const file = writeWav(new Float32Array(16_001), 16_000);
    expect(() => readWav(file, { maxDurationMs: 1000 })).toThrow(expect.objectContaining({ reason: "AUDIO_TOO_LONG" }));
    expect(readWav(file, { maxDurationMs: 1001 }).samples).toHaveLength(16_001);
  });

  it("never fails in another way, whatever the bytes", () => {
    const sound = writeWav(new Float32Array(20), 16_000);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 84 }),
        (at, byte, length) => {
          const broken = Uint8Array.from(sound.subarray(0, length));
          if (at < length) broken[at] = byte;
          try {
            readWav(broken);
          } catch (error) {
            expect(error).toMatchObject({ name: "ServiceError" });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("rmsDb", () => {
  it("is 0 dB at full scale, falls by 20 dB for a tenth and has no lower end", () => {
    expect(rmsDb(Float32Array.of(1, -1))).toBe(0);
    expect(rmsDb(Float32Array.of(0.1, -0.1))).toBeCloseTo(-20, 4);
    expect(rmsDb(new Float32Array(4))).toBe(Number.NEGATIVE_INFINITY);
  });
});
