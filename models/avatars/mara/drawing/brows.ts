import { joined, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { seeded } from "../../../../libs/avatar/drawing/field.ts";
import type { Sheet } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush } from "../../../../libs/avatar/drawing/stroke.ts";
import { beside, between, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, faceSide } from "./head-shape.ts";
import { alpha, palette } from "./palette.ts";

/** Each brow is a picture carried by its two ends, so that it can rise or fall at either. */
export function drawBrows(sheet: Sheet): void {
  const random = seeded(11);
  for (const sign of [-1, 1] as const) {
    const [inner, tail] = [faceSide(sign, 17, 173), faceSide(sign, 76, 176)];
    const layer = sheet.layer(sign > 0 ? "brow-left" : "brow-right", {
      carriedBy: [inner, tail, beside(between(inner, tail, 0.5), 0, -30)],
    });
    const low = [
      [17, 176.5],
      [31, 173.5],
      [46, 170.2],
      [59, 171.4],
      [76, 183],
    ].map(([dx, y]) => faceSide(sign, dx ?? 0, y ?? 0));
    const high = [
      [19.5, 169.5],
      [32, 166],
      [47, 162.6],
      [61, 166],
      [76, 183],
    ].map(([dx, y]) => faceSide(sign, dx ?? 0, y ?? 0));
    const front = faceSide(sign, 15, 173.4);
    const outline = joined(smooth([front, ...low]), smooth([...[...high].reverse(), front]));
    layer.fill(outline, {
      linear: [cx + sign * 14, 176, cx + sign * 40, 170],
      stops: [
        [0, alpha(palette.brow, 0.12)],
        [0.35, alpha(palette.brow, 0.6)],
        [1, alpha(palette.brow, 0.88)],
      ],
    });
    const hairs = Array.from({ length: 26 }, (_, n) => {
      const t = 0.02 + (n / 26) * 0.75;
      const base = between(along(low, t), along(high, t), 0.12);
      const tip = between(along(low, t + 0.2), along(high, t + 0.2), 0.8 + 0.15 * random());
      return brush([base, between(base, tip, 0.5), tip], (s) => 1.3 * (1 - s) ** 0.7);
    });
    layer.fill(hairs, alpha("#3a1e17", 0.5));
  }
}

function along(list: readonly Vertex[], t: number): Vertex {
  const at = t * (list.length - 1);
  const n = Math.min(list.length - 2, Math.floor(at));
  return between(list[n] as Vertex, list[n + 1] as Vertex, at - n);
}
