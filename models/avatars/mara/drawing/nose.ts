import { smooth } from "../../../../libs/avatar/drawing/curve.ts";
import type { Sheet } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { cx, face, faceSide } from "./head-shape.ts";
import { alpha } from "./palette.ts";
import { spot } from "./spot.ts";

/** The nose is a picture carried by its wings and bridge, so a sneer lifts it. */
export function drawNose(sheet: Sheet): void {
  const layer = sheet.layer("nose", { carriedBy: [faceSide(-1, 15, 256), faceSide(1, 15, 256), face(cx, 214)] });
  // Bridge: the side away from the light, then the light along it.
  spot(layer, cx + 13, 228, 11, 34, "#a9583f", 0.36, { turn: -0.1 });
  spot(layer, cx - 12, 226, 8, 28, "#b8684e", 0.16, { turn: 0.1 });
  spot(layer, cx - 1, 218, 7, 40, "#fff1e0", 0.55);
  spot(layer, cx + 10, 254, 12, 12, "#b0583f", 0.3);
  spot(layer, cx - 2, 250, 9, 8, "#fff3e6", 0.75);
  // Under the nose.
  spot(layer, cx + 3, 271, 25, 9, "#9c4c3a", 0.42);
  for (const sign of [-1, 1] as const) {
    const wing = [faceSide(sign, 15, 246.5), faceSide(sign, 19, 253), faceSide(sign, 18.4, 260), faceSide(sign, 13.5, 263.6)];
    layer.fill(brush(wing, tapered(sign > 0 ? 2.6 : 2)), alpha("#9a4f3c", sign > 0 ? 0.66 : 0.46));
    const nostril = smooth(
      [
        faceSide(sign, 4.6, 264.4),
        faceSide(sign, 8, 261.3),
        faceSide(sign, 13, 262.6),
        faceSide(sign, 11, 265),
        faceSide(sign, 7.4, 265.6),
      ],
      { closed: true },
    );
    layer.fill(nostril, alpha("#5f241e", 0.82));
  }
  layer.fill(brush([faceSide(-1, 5, 265.6), face(cx, 267.6), faceSide(1, 5, 265.6)], tapered(1.7)), alpha("#8f4536", 0.55));
}
