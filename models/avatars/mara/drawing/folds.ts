import type { SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { cx, face, faceSide } from "./head-shape.ts";
import { spot } from "./spot.ts";

/** Folds that only some expressions show. */
export function drawFolds(layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) {
    const side = sign > 0 ? "Left" : "Right";
    const fold = [faceSide(sign, 21, 256), faceSide(sign, 31, 265), faceSide(sign, 39, 276), faceSide(sign, 43, 289)];
    layer.fill(brush(fold, tapered(4.2)), "#b86a52", {
      opacity: 0,
      opacityBy: { [`mouthSmile${side}`]: 0.3, [`noseSneer${side}`]: 0.35, [`mouthUpperUp${side}`]: 0.2, [`cheekSquint${side}`]: 0.2 },
    });
    const dimple = [faceSide(sign, 43, 281), faceSide(sign, 46, 289), faceSide(sign, 43.5, 297)];
    layer.fill(brush(dimple, tapered(2.8)), "#a5563f", {
      opacity: 0,
      opacityBy: { [`mouthDimple${side}`]: 0.65, [`mouthSmile${side}`]: 0.12, [`mouthPress${side}`]: 0.3, [`mouthStretch${side}`]: 0.25 },
    });
    const frown = [faceSide(sign, 36, 297), faceSide(sign, 41, 305), faceSide(sign, 42, 314)];
    layer.fill(brush(frown, tapered(2.6)), "#a5563f", { opacity: 0, opacityBy: { [`mouthFrown${side}`]: 0.6 } });
    const sneer = [faceSide(sign, 12, 222), faceSide(sign, 17, 230), faceSide(sign, 19, 239)];
    layer.fill(brush(sneer, tapered(1.8)), "#9a4f3c", { opacity: 0, opacityBy: { [`noseSneer${side}`]: 0.6 } });
    const furrow = [faceSide(sign, 6, 164), faceSide(sign, 7.5, 172), faceSide(sign, 6.5, 181)];
    layer.fill(brush(furrow, tapered(2)), "#a5563f", { opacity: 0, opacityBy: { [`browDown${side}`]: 0.55 } });
    spot(layer, cx + sign * 54, 262, 30, 26, "#fff0e2", 0.5, { opacity: 0, opacityBy: { cheekPuff: 1 } });
    spot(layer, cx + sign * 66, 284, 22, 24, "#a5543f", 0.45, { opacity: 0, opacityBy: { cheekPuff: 1 } });
    spot(layer, cx + sign * 50, 243, 28, 17, "#fff0e2", 0.5, {
      opacity: 0,
      opacityBy: { [`mouthSmile${side}`]: 0.8, [`cheekSquint${side}`]: 0.8 },
    });
  }
  const lines = [
    [140, 30],
    [150, 34],
  ].map(([y, reach]) =>
    brush(
      [-1, -0.4, 0.3, 1].map((u) => face(cx + u * (reach ?? 0), (y ?? 0) + 2 * u * u, { browInnerUp: [0, -2] })),
      tapered(1.5),
    ),
  );
  layer.fill(lines, "#b0654f", { opacity: 0, opacityBy: { browInnerUp: 0.45 } });
}
