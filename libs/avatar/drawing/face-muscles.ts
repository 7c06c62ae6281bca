import { bump, ramp } from "./field.ts";
import type { Offset, Surface } from "./vertex.ts";

/** Heights of a face's features and the x of its middle, in design pixels. */
export interface Landmarks {
  readonly cx: number;
  readonly browY: number;
  readonly noseY: number;
  readonly mouthY: number;
}

const times = (amount: number, dx: number, dy: number): Offset => [amount * dx, amount * dy];

function sided(name: string, field: (x: number, y: number, sign: 1 | -1) => Offset): Surface["fields"] {
  return { [`${name}Left`]: (x, y) => field(x, y, 1), [`${name}Right`]: (x, y) => field(x, y, -1) };
}

/**
 * What the blend shapes do to the skin of a face about 260 pixels high; lips (lips.ts) and lids (lids.ts) have their own.
 * Left is the avatar's left, the picture's right.
 */
export function faceMuscles({ cx, browY, noseY, mouthY }: Landmarks): Surface["fields"] {
  /** How far the lower jaw's part of the face moves per pixel that the chin moves. */
  const jaw = (x: number, y: number) => ramp(mouthY - 40, mouthY + 35, y) * ramp(120, 60, Math.abs(x - cx));
  const cheek = (x: number, y: number, sign: 1 | -1) => bump(x, y, cx + sign * 50, noseY + 2, 46, 50);
  /** Around a mouth corner, for skin that follows it. */
  const around = (x: number, y: number, sign: 1 | -1) => bump(x, y, cx + sign * 34, mouthY, 40, 40);
  const muzzle = (x: number, y: number) => bump(x, y, cx, mouthY + 4, 62, 58);
  const brow = (x: number, y: number, from: number, to: number, sign: 1 | -1) => {
    const along = sign * (x - cx);
    return ramp(from - 14, from, along) * ramp(to + 14, to, along) * bump(x, y, x, browY, 1, 40);
  };

  return {
    jawOpen: (x, y) => [-(x - cx) * 0.05 * jaw(x, y), 30 * jaw(x, y)],
    jawLeft: (x, y) => times(jaw(x, y), 9, 0),
    jawRight: (x, y) => times(jaw(x, y), -9, 0),
    jawForward: (x, y) => [(x - cx) * 0.06 * jaw(x, y), 4 * jaw(x, y)],
    mouthLeft: (x, y) => times(muzzle(x, y), 8, 0),
    mouthRight: (x, y) => times(muzzle(x, y), -8, 0),
    mouthFunnel: (x, y) => [-(x - cx) * 0.14 * muzzle(x, y), 2 * jaw(x, y)],
    mouthPucker: (x, y) => [-(x - cx) * 0.16 * muzzle(x, y), 0],
    mouthShrugLower: (x, y) => times(bump(x, y, cx, mouthY + 36, 40, 30), 0, -3.5),
    cheekPuff: (x, y) => [((x - cx) / 90) * 9 * ramp(mouthY - 75, mouthY - 22, y) * ramp(mouthY + 45, mouthY, y), 0],
    browInnerUp: (x, y) => times(brow(x, y, 4, 26, 1) + brow(x, y, 4, 26, -1), 0, -8),
    ...sided("mouthSmile", (x, y, sign) => [
      sign * 4 * around(x, y, sign) + sign * 3 * cheek(x, y, sign),
      -5 * around(x, y, sign) - 5 * cheek(x, y, sign),
    ]),
    ...sided("mouthFrown", (x, y, sign) => times(around(x, y, sign), 0, 5)),
    ...sided("mouthStretch", (x, y, sign) => times(around(x, y, sign), sign * 6, 2)),
    ...sided("mouthDimple", (x, y, sign) => times(around(x, y, sign), sign * 3, 0)),
    ...sided("cheekSquint", (x, y, sign) => times(cheek(x, y, sign), sign * 1, -6)),
    ...sided("noseSneer", (x, y, sign) => times(bump(x, y, cx + sign * 13, noseY + 2, 20, 26), sign * 1.5, -5)),
    ...sided("mouthUpperUp", (x, y, sign) => times(bump(x, y, cx + sign * 16, noseY + 12, 24, 22), sign * 0.6, -2.5)),
    ...sided("browDown", (x, y, sign) => [-sign * 2.5 * brow(x, y, 4, 40, sign), 7 * brow(x, y, -4, 60, sign)]),
    ...sided("browOuterUp", (x, y, sign) => times(brow(x, y, 40, 76, sign), 0, -8)),
  };
}
