import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MouthPicture, measureMouth } from "./mouth-picture.ts";

interface Drawn {
  readonly aperture: number;
  readonly upperLip: number;
  readonly lowerLip: number;
  readonly width: number;
}

const [pictureWidth, pictureHeight] = [80, 70];

/** A rectangular mouth of known sizes; a fraction of a pixel covers its pixel in part, as smoothed edges do. */
function draw({ aperture, upperLip, lowerLip, width }: Drawn): MouthPicture {
  const rgba = new Uint8Array(4 * pictureWidth * pictureHeight);
  const bands = [
    { channel: 1, from: 10, to: 10 + upperLip },
    { channel: 0, from: 10 + upperLip, to: 10 + upperLip + aperture },
    { channel: 2, from: 10 + upperLip + aperture, to: 10 + upperLip + aperture + lowerLip },
  ];
  const left = Math.floor((pictureWidth - width) / 2);
  for (const { channel, from, to } of bands)
    for (let y = 0; y < pictureHeight; y++)
      for (let x = left; x < left + width; x++) {
        const covered = Math.max(0, Math.min(y + 1, to) - Math.max(y, from));
        rgba[4 * (y * pictureWidth + x) + channel] = Math.round(255 * covered);
      }
  return { width: pictureWidth, height: pictureHeight, rgba };
}

describe("measuring a made-up mouth", () => {
  it("reads opening, width and lower lip to a tenth of a pixel", () => {
    fc.assert(
      fc.property(
        fc.record({
          aperture: fc.double({ min: 0, max: 30, noNaN: true }),
          upperLip: fc.integer({ min: 3, max: 8 }),
          lowerLip: fc.double({ min: 3, max: 12, noNaN: true }),
          width: fc.integer({ min: 20, max: 70 }),
        }),
        (drawn) => {
          const measured = measureMouth(draw(drawn));
          expect(measured.aperture).toBeCloseTo(drawn.aperture, 1);
          expect(measured.lowerLip).toBeCloseTo(drawn.lowerLip, 1);
          expect(measured.width).toBe(drawn.width);
        },
      ),
    );
  });

  it("finds no mouth in a picture without one, and does not take what hides it for it", () => {
    const rgba = new Uint8Array(4 * 100);
    expect(measureMouth({ width: 10, height: 10, rgba })).toEqual({ aperture: 0, width: 0, lowerLip: 0 });
    for (let n = 3; n < rgba.length; n += 4) rgba[n] = 255;
    expect(measureMouth({ width: 10, height: 10, rgba })).toEqual({ aperture: 0, width: 0, lowerLip: 0 });
  });
});
