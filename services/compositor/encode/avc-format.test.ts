import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeAvc, splitAnnexB, toAvc } from "./avc-format.ts";

/** A NAL unit as encoders write it: no start code within, no zero at its end. */
const nal = fc
  .tuple(fc.constantFrom(0x41, 0x65, 0x67, 0x68, 0x06), fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 30 }))
  .map(([type, rest]) => Uint8Array.from([type, ...rest]));
const annexB = (nals: readonly Uint8Array[], longCodes: readonly boolean[]) =>
  Uint8Array.from(nals.flatMap((one, index) => [...(longCodes[index] ? [0] : []), 0, 0, 1, ...one]));

describe("a picture in Annex B form", () => {
  it("is split at start codes of three and four bytes", () => {
    fc.assert(
      fc.property(fc.array(nal, { maxLength: 6 }), fc.array(fc.boolean(), { maxLength: 6 }), (nals, codes) => {
        expect([...splitAnnexB(annexB(nals, codes))].map((one) => [...one])).toEqual(nals.map((one) => [...one]));
      }),
    );
  });

  it("becomes AVC: lengths instead of start codes, and slices alone", () => {
    const slices = [Uint8Array.of(0x65, 1, 2, 3), Uint8Array.of(0x41, 9)];
    const other = [Uint8Array.of(0x67, 5), Uint8Array.of(0x68, 5), Uint8Array.of(0x06, 5), Uint8Array.of(0x09, 5)];
    expect([...toAvc(annexB([...other, ...slices], [true]))]).toEqual([0, 0, 0, 4, 0x65, 1, 2, 3, 0, 0, 0, 2, 0x41, 9]);
  });
});

describe("the description of AVC", () => {
  const [sps, pps] = [Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 0xda), Uint8Array.of(0x68, 0xee)];

  it("names profile and level, and holds both parameter sets", () => {
    expect(describeAvc(annexB([sps, pps], [true, true]))).toEqual({
      codec: "avc1.42c01e",
      description: Uint8Array.of(1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 5, ...sps, 1, 0, 2, ...pps),
    });
  });

  it("of a high profile tells the sampling of colour", () => {
    const high = describeAvc(annexB([Uint8Array.of(0x67, 100, 0, 30), pps], []));
    expect([...(high?.description.slice(-4) ?? [])]).toEqual([0xfd, 0xf8, 0xf8, 0]);
  });

  it("is not made up where a parameter set is missing", () => expect(describeAvc(annexB([sps], []))).toBeUndefined());
});
