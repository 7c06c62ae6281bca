import { ellipse, joined, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import type { SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { rigid } from "./head-shape.ts";
import { alpha } from "./palette.ts";

const still = (x: number, y: number) => rigid(x, y, 0, 0);
const box = (x: number, y: number, width: number, height: number) =>
  joined(smooth([still(x, y), still(x + width, y)]), smooth([still(x + width, y + height), still(x, y + height)]));

/** A studio out of focus: soft wall, lamps and leaves as discs of light. */
export function drawBackdrop(layer: SheetLayer): void {
  const whole = box(0, 0, 512, 512);
  layer.fill(whole, {
    linear: [0, 0, 420, 512],
    stops: [
      [0, "#eef0ea"],
      [0.45, "#d3dcd8"],
      [1, "#a3b5b6"],
    ],
  });
  layer.fill(whole, {
    radial: [150, 150, 330],
    stops: [
      [0, "#fff6e6cc"],
      [0.5, "#fff3e055"],
      [1, "#fff3e000"],
    ],
  });
  layer.fill(whole, {
    radial: [470, 480, 330],
    stops: [
      [0, "#5f8087aa"],
      [0.6, "#5f808744"],
      [1, "#5f808700"],
    ],
  });
  const discs = [
    [70, 96, 44, "#f6cfa2", 0.5],
    [122, 52, 26, "#ffe2bd", 0.5],
    [36, 190, 30, "#e9b995", 0.32],
    [448, 90, 54, "#9cc0bc", 0.45],
    [404, 42, 30, "#c9dfd8", 0.5],
    [478, 204, 38, "#86aeb0", 0.36],
    [30, 330, 50, "#cfd9d2", 0.4],
    [488, 330, 46, "#7ba0a4", 0.3],
    [340, 24, 18, "#fff0d6", 0.45],
  ] as const;
  for (const [x, y, r, colour, strength] of discs) {
    layer.fill(
      ellipse(r, r, (dx, dy) => still(x + dx, y + dy)),
      {
        radial: [x, y, r],
        stops: [
          [0, alpha(colour, strength * 0.75)],
          [0.8, alpha(colour, strength)],
          [0.92, alpha(colour, strength * 0.9)],
          [1, alpha(colour, 0)],
        ],
      },
    );
  }
}
