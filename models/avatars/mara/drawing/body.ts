import { joined, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import type { Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, rigid } from "./head-shape.ts";
import { alpha, palette, softStops } from "./palette.ts";

/** The chest rises with the breath, the shoulders most. */
function cloth(dx: number, y: number): Vertex {
  const rise = 1.6 + 1.8 * Math.min(1, Math.abs(dx) / 150);
  return { ...rigid(cx + dx, y, 0, 0), offsets: new Map([["breath", [Math.sign(dx) * 0.5, -rise] as const]]) };
}

const list = (points: readonly (readonly [number, number])[], sign = 1) => points.map(([dx, y]) => cloth(sign * dx, y));

export function drawClothes(sheet: Sheet, layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) {
    // Blouse: an open collar.
    const blouse = joined(
      smooth(
        list(
          [
            [58, 396],
            [44, 430],
            [22, 468],
            [0, 502],
          ],
          sign,
        ),
      ),
      smooth(
        list(
          [
            [0, 540],
            [120, 540],
            [104, 420],
          ],
          sign,
        ),
      ),
    );
    layer.fill(blouse, {
      linear: [cx, 400, cx + sign * 90, 500],
      stops: [
        [0, sign < 0 ? "#fffaf2" : "#efe4d8"],
        [1, palette.blouseShade],
      ],
    });
    const flap = joined(
      smooth(
        list(
          [
            [49, 386],
            [54, 396],
            [63, 420],
            [60, 452],
            [40, 478],
          ],
          sign,
        ),
      ),
      smooth(
        list(
          [
            [40, 478],
            [36, 450],
            [42, 416],
            [49, 386],
          ],
          sign,
        ),
      ),
    );
    layer.fill(flap, {
      linear: [cx + sign * 36, 400, cx + sign * 72, 470],
      stops: [
        [0, "#ffffff"],
        [0.6, "#f4ebe0"],
        [1, "#dccdbd"],
      ],
    });
    // Blazer front.
    const front = joined(
      smooth(
        list(
          [
            [66, 402],
            [112, 418],
            [168, 438],
            [204, 466],
            [222, 540],
          ],
          sign,
        ),
      ),
      smooth(
        list(
          [
            [10, 540],
            [14, 520],
            [40, 490],
            [66, 440],
            [66, 402],
          ],
          sign,
        ),
      ),
    );
    layer.fill(front, {
      linear: [cx + sign * 20, 410, cx + sign * 210, 530],
      stops:
        sign < 0
          ? [
              [0, "#3b7c86"],
              [0.4, "#2a626d"],
              [1, palette.blazer],
            ]
          : [
              [0, "#235864"],
              [0.5, palette.blazer],
              [1, palette.blazerDark],
            ],
    });
    sheet.clip(sign < 0 ? "blazer-a" : "blazer-b", front);
    const clip = { clip: sign < 0 ? "blazer-a" : "blazer-b" };
    layer.fill(
      front,
      { radial: [cx + sign * 168, 446, 70], scale: [1, 0.4], stops: softStops(sign < 0 ? "#7fc0c4" : "#4f8f9a", 0.5) },
      clip,
    );
    layer.fill(
      brush(
        list(
          [
            [150, 452],
            [162, 486],
            [160, 530],
          ],
          sign,
        ),
        tapered(9),
      ),
      alpha(palette.blazerDark, 0.5),
      clip,
    );
    layer.fill(
      brush(
        list(
          [
            [170, 470],
            [182, 500],
            [186, 530],
          ],
          sign,
        ),
        tapered(5),
      ),
      alpha("#6fb0b6", 0.25),
      clip,
    );
    // Lapel.
    const lapel = joined(
      smooth(
        list(
          [
            [56, 394],
            [72, 410],
            [98, 440],
            [104, 462],
            [82, 466],
          ],
          sign,
        ),
      ),
      smooth(
        list(
          [
            [88, 478],
            [62, 510],
            [24, 540],
          ],
          sign,
        ),
      ),
      smooth(
        list(
          [
            [12, 540],
            [34, 500],
            [54, 452],
            [52, 416],
            [56, 394],
          ],
          sign,
        ),
      ),
    );
    layer.fill(lapel, {
      linear: [cx + sign * 36, 420, cx + sign * 104, 470],
      stops:
        sign < 0
          ? [
              [0, "#2c6670"],
              [0.6, "#3f848d"],
              [1, "#347680"],
            ]
          : [
              [0, "#1b4751"],
              [0.6, "#2a636e"],
              [1, "#235560"],
            ],
    });
    layer.stroke(
      smooth(
        list(
          [
            [72, 410],
            [98, 440],
            [104, 462],
            [82, 466],
          ],
          sign,
        ),
      ),
      1.2,
      alpha(palette.blazerDark, 0.7),
    );
    layer.stroke(
      smooth(
        list(
          [
            [84, 470],
            [88, 478],
            [62, 510],
            [24, 540],
          ],
          sign,
        ),
      ),
      1.2,
      alpha(palette.blazerDark, 0.7),
    );
  }
}
