import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createH264Payloads, type H264Payload, maxPayloadBytes } from "./h264-payloads.ts";

const sps = Uint8Array.of(0x67, 0x42, 0xe0, 0x1f, 1, 2, 3);
const pps = Uint8Array.of(0x68, 0xce, 4, 5);
/** ISO/IEC 14496-15 §5.3.3.1. */
const avcc = Uint8Array.of(1, 0x42, 0xe0, 0x1f, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, pps.length, ...pps);

function accessUnit(nals: readonly Uint8Array[]): Uint8Array {
  const bytes = nals.flatMap((nal) => [nal.length >>> 24, (nal.length >>> 16) & 255, (nal.length >>> 8) & 255, nal.length & 255, ...nal]);
  return Uint8Array.from(bytes);
}

/** A receiver of RFC 6184 packetization-mode 1, written from the RFC (§5.6 to §5.8). */
function received(payloads: readonly H264Payload[]): number[][] {
  const nals: number[][] = [];
  for (const { payload } of payloads) {
    const type = (payload[0] ?? 0) & 31;
    if (type === 24)
      for (let at = 1; at < payload.length; ) {
        const size = (payload[at] ?? 0) * 256 + (payload[at + 1] ?? 0);
        nals.push([...payload.subarray(at + 2, at + 2 + size)]);
        at += 2 + size;
      }
    else if (type === 28) {
      const header = payload[1] ?? 0;
      if (header & 0x80) nals.push([((payload[0] ?? 0) & 0xe0) | (header & 31)]);
      nals.at(-1)?.push(...payload.subarray(2));
    } else nals.push([...payload]);
  }
  return nals;
}

const nal = (type: number) => fc.uint8Array({ minLength: 1, maxLength: 5000 }).map((body) => Uint8Array.of(0x60 | type, ...body));

describe("a picture as RTP payloads", () => {
  it("is the same picture at the other end, in packets that fit, with one marker at its end", () => {
    fc.assert(
      fc.property(fc.array(nal(1), { minLength: 1, maxLength: 4 }), (nals) => {
        const payloads = createH264Payloads(avcc).of(accessUnit(nals), false);
        expect(received(payloads)).toEqual(nals.map((unit) => [...unit]));
        expect(Math.max(...payloads.map(({ payload }) => payload.length))).toBeLessThanOrEqual(maxPayloadBytes);
        expect(payloads.map(({ marker }) => marker)).toEqual(payloads.map((_, index) => index === payloads.length - 1));
      }),
      { numRuns: 50 },
    );
  });

  it("that is a keyframe begins with the parameter sets, once", () => {
    const idr = Uint8Array.of(0x65, ...new Uint8Array(3000));
    const payloads = createH264Payloads(avcc);
    const expected = [[...sps], [...pps], [...idr]];
    expect(received(payloads.of(accessUnit([idr]), true))).toEqual(expected);
    expect(received(payloads.of(accessUnit([sps, pps, idr]), true))).toEqual(expected);
  });

  it("cannot be made after a description that is cut off", () => {
    expect(() => createH264Payloads(avcc.subarray(0, 12))).toThrow("avcC");
  });
});
