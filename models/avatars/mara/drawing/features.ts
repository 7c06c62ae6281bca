import { ellipse, joined, smooth } from "../../../../services/compositor/renderers/drawing/curve.ts";
import { seeded } from "../../../../services/compositor/renderers/drawing/field.ts";
import type { PaintOptions, SheetLayer } from "../../../../services/compositor/renderers/drawing/sheet.ts";
import { brush, tapered } from "../../../../services/compositor/renderers/drawing/stroke.ts";
import { beside, between, type Vertex } from "../../../../services/compositor/renderers/drawing/vertex.ts";
import { cx, face, faceSide } from "./head-shape.ts";
import { alpha, palette, softStops } from "./palette.ts";

type Sign = 1 | -1;
const suffix = (sign: Sign) => (sign > 0 ? "Left" : "Right");

/** A soft spot on the face; the colour falls off to nothing inside its outline. */
export function spot(layer: SheetLayer, x: number, y: number, rx: number, ry: number, colour: string, strength: number, options: PaintOptions & { readonly turn?: number } = {}): void {
  const { turn = 0, ...rest } = options;
  const centre = face(x, y);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const rim = ellipse(rx, ry, (dx, dy) => beside(centre, dx * cos - dy * sin, dx * sin + dy * cos));
  layer.fill(rim, { radial: [x, y, rx], scale: [1, ry / rx], ...(turn && { turn }), stops: softStops(colour, strength), at: centre }, rest);
}

export function drawBrows(layer: SheetLayer): void {
  const random = seeded(11);
  for (const sign of [-1, 1] as const) {
    const low = [[17, 176.5], [31, 173.5], [46, 170.2], [59, 171.4], [76, 183]].map(([dx, y]) => faceSide(sign, dx ?? 0, y ?? 0));
    const high = [[19.5, 169.5], [32, 166], [47, 162.6], [61, 166], [76, 183]].map(([dx, y]) => faceSide(sign, dx ?? 0, y ?? 0));
    const front = faceSide(sign, 15, 173.4);
    const outline = joined(smooth([front, ...low]), smooth([...[...high].reverse(), front]));
    const root = face(cx + sign * 44, 172);
    layer.fill(outline, {
      linear: [cx + sign * 14, 176, cx + sign * 40, 170],
      stops: [[0, alpha(palette.brow, 0.12)], [0.35, alpha(palette.brow, 0.6)], [1, alpha(palette.brow, 0.88)]],
      at: root,
    });
    const hairs = Array.from({ length: 9 }, (_, n) => {
      const t = 0.02 + (n / 9) * 0.5;
      const base = between(along(low, t), along(high, t), 0.12);
      const tip = between(along(low, t + 0.2), along(high, t + 0.2), 0.8 + 0.15 * random());
      return brush([base, between(base, tip, 0.5), tip], (s) => 1.5 * (1 - s) ** 0.7);
    });
    layer.fill(hairs, alpha("#3a1e17", 0.5));
  }
}

function along(list: readonly Vertex[], t: number): Vertex {
  const at = t * (list.length - 1);
  const n = Math.min(list.length - 2, Math.floor(at));
  return between(list[n] as Vertex, list[n + 1] as Vertex, at - n);
}

export function drawNose(layer: SheetLayer): void {
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
    const nostril = smooth([faceSide(sign, 4.6, 264.4), faceSide(sign, 8, 261.3), faceSide(sign, 13, 262.6), faceSide(sign, 11, 265), faceSide(sign, 7.4, 265.6)], { closed: true });
    layer.fill(nostril, alpha("#5f241e", 0.82));
    const sneer = [faceSide(sign, 12, 222), faceSide(sign, 17, 230), faceSide(sign, 19, 239)];
    layer.fill(brush(sneer, tapered(1.8)), "#9a4f3c", { opacity: 0, opacityBy: { [`noseSneer${suffix(sign)}`]: 0.6 } });
  }
  layer.fill(brush([faceSide(-1, 5, 265.6), face(cx, 267.6), faceSide(1, 5, 265.6)], tapered(1.7)), alpha("#8f4536", 0.55));
}

/** Folds that only some expressions show. */
export function drawFolds(layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) {
    const side = suffix(sign);
    const fold = [faceSide(sign, 21, 256), faceSide(sign, 31, 265), faceSide(sign, 39, 276), faceSide(sign, 43, 289)];
    layer.fill(brush(fold, tapered(4.2)), "#b86a52", {
      opacity: 0,
      opacityBy: { [`mouthSmile${side}`]: 0.3, [`noseSneer${side}`]: 0.35, [`mouthUpperUp${side}`]: 0.2, [`cheekSquint${side}`]: 0.2 },
    });
    const dimple = [faceSide(sign, 43, 281), faceSide(sign, 46, 289), faceSide(sign, 43.5, 297)];
    layer.fill(brush(dimple, tapered(2.8)), "#a5563f", { opacity: 0, opacityBy: { [`mouthDimple${side}`]: 0.65, [`mouthSmile${side}`]: 0.12, [`mouthPress${side}`]: 0.3, [`mouthStretch${side}`]: 0.25 } });
    const frown = [faceSide(sign, 36, 297), faceSide(sign, 41, 305), faceSide(sign, 42, 314)];
    layer.fill(brush(frown, tapered(2.6)), "#a5563f", { opacity: 0, opacityBy: { [`mouthFrown${side}`]: 0.6 } });
    const furrow = [faceSide(sign, 6, 164), faceSide(sign, 7.5, 172), faceSide(sign, 6.5, 181)];
    layer.fill(brush(furrow, tapered(2)), "#a5563f", { opacity: 0, opacityBy: { [`browDown${side}`]: 0.55 } });
    spot(layer, cx + sign * 54, 262, 30, 26, "#fff0e2", 0.5, { opacity: 0, opacityBy: { cheekPuff: 1 } });
    spot(layer, cx + sign * 66, 284, 22, 24, "#a5543f", 0.45, { opacity: 0, opacityBy: { cheekPuff: 1 } });
    spot(layer, cx + sign * 50, 243, 28, 17, "#fff0e2", 0.5, { opacity: 0, opacityBy: { [`mouthSmile${side}`]: 0.8, [`cheekSquint${side}`]: 0.8 } });
  }
  const lines = [[140, 30], [150, 34]].map(([y, reach]) => brush([-1, -0.4, 0.3, 1].map((u) => face(cx + u * (reach ?? 0), (y ?? 0) + 2 * u * u, { browInnerUp: [0, -2] })), tapered(1.5)));
  layer.fill(lines, "#b0654f", { opacity: 0, opacityBy: { browInnerUp: 0.45 } });
}
