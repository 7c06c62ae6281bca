import { type Curve, joined, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { chinY, cx, eyeY, face, faceSide, mouthY, rigid } from "./head-shape.ts";
import { alpha, palette } from "./palette.ts";
import { spot } from "./spot.ts";

/** dx from the middle, y; from the chin up to the crown. */
const contour = [
  [21, 337.5],
  [41, 325],
  [60, 304],
  [75, 277],
  [85, 247],
  [89.5, 214],
  [90, 180],
  [85, 140],
  [66, 104],
  [36, 86],
] as const;

export function faceCurve(): Curve {
  const right = contour.map(([dx, y]) => faceSide(1, dx, y));
  const left = contour.map(([dx, y]) => faceSide(-1, dx, y)).reverse();
  return smooth([face(cx, chinY), ...right, face(cx, 82), ...left], { closed: true });
}

/** The skin: a picture with all its soft light, carried by the face and cut by its outline. */
export function drawSkin(sheet: Sheet): void {
  sheet.clip("face", faceCurve());
  const plane = (x: number, y: number) => rigid(x, y, 62);
  const layer = sheet.layer("skin", { clip: "face", carriedBy: [plane(cx - 60, 170), plane(cx + 60, 170), plane(cx, 300)] });
  const all = joined(smooth([rigid(cx - 118, 60, 0), rigid(cx + 118, 60, 0)]), smooth([rigid(cx + 118, 384, 0), rigid(cx - 118, 384, 0)]));
  layer.fill(all, {
    linear: [cx - 70, 120, cx + 80, 330],
    stops: [
      [0, "#fbd9bd"],
      [0.4, palette.skin],
      [0.75, "#ecba9a"],
      [1, "#dfa383"],
    ],
  });
  // Form shadow away from the light and a thin warm edge towards it; the hair's shadow on the forehead.
  layer.fill(all, {
    linear: [cx + 30, 0, cx + 96, 0],
    stops: [
      [0, "#b05f4600"],
      [0.5, "#b05f4626"],
      [0.85, "#a0503c70"],
      [1, "#a0503c90"],
    ],
  });
  layer.fill(all, {
    linear: [cx - 94, 0, cx - 50, 0],
    stops: [
      [0, "#b8694e80"],
      [0.5, "#c4785a28"],
      [1, "#c4785a00"],
    ],
  });
  layer.fill(all, {
    linear: [0, 84, 0, 156],
    stops: [
      [0, "#8f4a36b0"],
      [0.45, "#a55c4450"],
      [1, "#a55c4400"],
    ],
  });
  spot(layer, cx - 74, 168, 26, 70, "#9a5440", 0.5, { turn: 0.16 });
  spot(layer, cx + 80, 168, 24, 66, "#8f4534", 0.5, { turn: -0.1 });
  spot(layer, cx - 10, 146, 58, 32, "#fff2e2", 0.55);
  spot(layer, cx - 52, 243, 32, 22, "#fff0df", 0.45, { turn: -0.4 });
  spot(layer, cx + 44, 240, 24, 18, "#fff0df", 0.3, { turn: 0.4 });
  spot(layer, cx - 52, 257, 42, 27, palette.blush, 0.4, { turn: -0.25 });
  spot(layer, cx + 53, 257, 42, 27, palette.blush, 0.44, { turn: 0.25 });
  spot(layer, cx - 66, 290, 26, 50, "#b4654c", 0.3, { turn: -0.55 });
  spot(layer, cx + 66, 288, 32, 56, "#9d4d3a", 0.42, { turn: 0.55 });
  spot(layer, cx - 33, 312, 30, 18, "#fff0e0", 0.22, { turn: 0.6 });
  drawSockets(layer);
  layer.fill(
    brush([rigid(cx + 88, 205, 0), rigid(cx + 87, 232, 0), rigid(cx + 79, 266, 0), rigid(cx + 66, 294, 0)], tapered(3.4)),
    "#ffe9dc48",
  );
  // Philtrum.
  spot(layer, cx + 0.5, mouthY - 16, 4.2, 8, "#b0654e", 0.34);
  spot(layer, cx - 6, mouthY - 15, 4, 8, "#fff0e2", 0.42);
}

function drawSockets(layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) {
    const far = sign > 0 ? 1 : 0.72;
    spot(layer, cx + sign * 42, eyeY - 10, 40, 24, "#b0664f", 0.42 * far);
    spot(layer, cx + sign * 20, eyeY - 8, 17, 26, "#a65a48", 0.5 * far);
    spot(layer, cx + sign * 56, eyeY - 18, 24, 10, "#fff0df", 0.4, { turn: sign * 0.25 });
    spot(layer, cx + sign * 43, eyeY + 15, 28, 11, "#b56a58", 0.34 * far);
    spot(layer, cx + sign * 45, eyeY + 24, 24, 8, "#fff0e0", 0.3);
  }
}

/** Light and shadow of the chin; these follow the jaw. */
export function drawChin(layer: SheetLayer): void {
  spot(layer, cx + 1, chinY - 7, 36, 9, "#a9583f", 0.42);
  spot(layer, cx - 4, mouthY + 35, 20, 11, "#ffeedd", 0.5);
  spot(layer, cx, mouthY + 20, 25, 8, "#9f5140", 0.44);
}

/** The ear on the side where the hair is tucked back, and its pearl. It lies behind the face. */
export function drawEar(sheet: Sheet): void {
  const at = (dx: number, y: number) => rigid(cx + dx, y, 6);
  const layer = sheet.layer("ear", { carriedBy: [at(80, 200), at(104, 200), at(80, 256)] });
  const outline = smooth([at(80, 250), at(88, 254), at(95, 243), at(101, 224), at(103, 206), at(98, 195), at(90, 194), at(80, 204)], {
    closed: true,
  });
  layer.fill(outline, {
    linear: [cx + 80, 0, cx + 104, 0],
    stops: [
      [0, "#a85c46"],
      [0.45, "#dc9c7e"],
      [1, "#eab396"],
    ],
    at: at(90, 220),
  });
  layer.fill(brush([at(89, 202), at(96, 201), at(98.5, 210), at(95, 226), at(90, 238)], tapered(3)), alpha("#9c4f3b", 0.7));
  layer.fill(brush([at(90, 214), at(93, 219), at(90, 230)], tapered(4)), alpha("#87402f", 0.6));
  const pearl = smooth([at(88.5, 256), at(91.8, 252.7), at(95.1, 256), at(91.8, 259.3)], { closed: true, tension: 1.3 });
  layer.fill(pearl, {
    radial: [cx + 90.8, 255, 4.4],
    stops: [
      [0, "#fffdf2"],
      [0.45, "#f2ddab"],
      [1, "#a97a34"],
    ],
    at: at(91, 252),
  });
}
