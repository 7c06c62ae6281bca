import { ramp } from "./field.ts";
import type { Offset } from "./vertex.ts";

/** Contours of the lips, from top to bottom. */
export type Contour = "upperOuter" | "upperInner" | "lowerInner" | "lowerOuter";

/** What a driver does to the lips: offsets of each contour at u. */
export type LipField = (contour: Contour, u: number) => Offset;

const dome = (u: number, power = 2) => 1 - Math.abs(u) ** power;
const upper = (contour: Contour) => contour.startsWith("upper");
const part = (u: number, sign: 1 | -1) => ramp(-0.35, 0.35, sign * u);
/** Rises from the middle to the corner of one side. */
const corner = (u: number, sign: 1 | -1) => (sign * u > 0 ? Math.abs(u) ** 1.4 : 0);

function pick(contour: Contour, upperOuter: number, upperInner: number, lowerInner: number, lowerOuter: number): number {
  return { upperOuter, upperInner, lowerInner, lowerOuter }[contour];
}

/** How far the lower lip and teeth drop at jawOpen 1. */
export const jawDrop = 30;
const jawOpen: LipField = (contour, u) => {
  const corners = 9;
  const middle = pick(contour, -1, -1, jawDrop, jawDrop + 0.5);
  return [-3.5 * u * Math.abs(u), corners * (1 - dome(u)) + middle * (upper(contour) ? dome(u) : dome(u, 2.6))];
};

/** Closing while the jaw is down brings both lips to a line somewhat under the upper lip's place. */
const closing: LipField = (contour, u) => {
  const [, open] = jawOpen(contour, u);
  const meet = 12 + 1.5 * dome(u);
  const thin = pick(contour, 1.5, 0, 0, -2) * dome(u);
  return [1.2 * u, meet - open + thin];
};

/** Offsets of the lips by driver, in pixels of lips 66 wide; `width` is half the width. */
export const lipFields = (width: number): Record<string, LipField> => ({
  jawOpen,
  "jawOpen&mouthClose": closing,
  mouthClose: (contour, u) => [0, pick(contour, 0.9, 0, 0, -1.2) * dome(u)],
  jawLeft: () => [6, 0],
  jawRight: () => [-6, 0],
  jawForward: (contour, u) => [0, pick(contour, 0, 0, 0.6, 3) * dome(u)],
  mouthFunnel: (contour, u) => [-u * width * 0.36, pick(contour, -6, -4, 6.5, 8) * dome(u, 3)],
  mouthPucker: (contour, u) => [-u * width * 0.44, pick(contour, -2.5, 0.3, 0.3, 3) * dome(u, 3)],
  mouthLeft: (_contour, u) => [9, -1.5 * part(u, 1)],
  mouthRight: (_contour, u) => [-9, -1.5 * part(u, -1)],
  mouthRollLower: (contour, u) => [0, pick(contour, 0, 0, -0.8, -8) * dome(u)],
  mouthRollUpper: (contour, u) => [0, pick(contour, 6.5, 0.8, 0, 0) * dome(u)],
  mouthShrugLower: (contour, u) => [0, pick(contour, -1.5, -2.8, -2.8, -3.6) * dome(u)],
  mouthShrugUpper: (contour, u) => [0, pick(contour, -3.6, -2.2, -2.2, -1) * dome(u)],
  tongueOut: (contour, u) => [0, pick(contour, -1.5, -2, 9, 8) * dome(u)],
  ...sided("mouthSmile", (contour, u, sign) => [
    sign * 10 * corner(u, sign),
    -8.5 * corner(u, sign) ** 1.3 + pick(contour, 2.2, 0.8, 0.8, -1.6) * dome(u) * part(u, sign),
  ]),
  ...sided("mouthFrown", (contour, u, sign) => [
    -sign * 1 * corner(u, sign),
    7 * corner(u, sign) ** 1.3 + pick(contour, -0.5, -1, -1, -0.6) * dome(u) * part(u, sign),
  ]),
  ...sided("mouthDimple", (contour, u, sign) => [
    sign * 5.5 * corner(u, sign),
    -1.5 * corner(u, sign) + pick(contour, 1.6, 0, 0, -2) * dome(u) * part(u, sign),
  ]),
  ...sided("mouthStretch", (contour, u, sign) => [
    sign * 9 * corner(u, sign),
    2.5 * corner(u, sign) + pick(contour, 1.2, -0.5, 1.2, -0.6) * dome(u) * part(u, sign),
  ]),
  ...sided("mouthPress", (contour, u, sign) => [sign * 2 * corner(u, sign), pick(contour, 4, 0.3, 0.3, -5) * dome(u) * part(u, sign)]),
  ...sided("mouthLowerDown", (contour, u, sign) => [0, pick(contour, 0, 0, 9.5, 8) * dome(u, 3) * part(u, sign)]),
  ...sided("mouthUpperUp", (contour, u, sign) => [0, pick(contour, -6, -7.5, 0, 0) * dome(u, 3) * part(u, sign)]),
});

function sided(name: string, field: (contour: Contour, u: number, sign: 1 | -1) => Offset): Record<string, LipField> {
  return { [`${name}Left`]: (contour, u) => field(contour, u, 1), [`${name}Right`]: (contour, u) => field(contour, u, -1) };
}
