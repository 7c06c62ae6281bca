import { joined, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import type { Sheet } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import type { Offset, Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, rigid } from "./head-shape.ts";
import { alpha, softStops } from "./palette.ts";

const half = [
  [22, 304],
  [36, 338],
  [40, 372],
  [52, 394],
  [90, 412],
  [132, 428],
] as const;

/** The neck stands with the body, so it is kept with it; its upper end is behind the head. */
function at(dx: number, y: number): Vertex {
  const rise = -2.4 * Math.min(1, Math.max(0, (y - 350) / 60));
  return { ...rigid(cx + dx, y, 0, 0), offsets: new Map(rise ? [["breath", [0, rise] as const]] : []) };
}

export function drawNeck(sheet: Sheet): void {
  const layer = sheet.layer("neck");
  const outline = joined(
    smooth(half.map(([dx, y]) => at(dx, y))),
    smooth([at(132, 520), at(-132, 520)]),
    smooth(half.map(([dx, y]) => at(-dx, y)).reverse()),
  );
  sheet.clip("neck", outline);
  layer.fill(outline, {
    linear: [cx - 60, 0, cx + 60, 0],
    stops: [
      [0, "#e3ab8b"],
      [0.3, "#f2c5a6"],
      [0.65, "#dca183"],
      [1, "#b97760"],
    ],
  });
  layer.fill(outline, { radial: [cx - 16, 448, 74], scale: [1, 0.5], stops: softStops("#ffe8d4", 0.55) });
  const inNeck = { clip: "neck" };
  layer.fill(outline, { radial: [cx + 8, 350, 66], scale: [1, 0.78], stops: softStops("#8f4535", 0.6) }, inNeck);
  const muscle = (points: readonly (readonly [number, number])[], width: number) =>
    brush(
      points.map(([dx, y]) => at(dx, y)),
      tapered(width),
    );
  layer.fill(
    muscle(
      [
        [28, 360],
        [21, 386],
        [9, 410],
      ],
      6,
    ),
    alpha("#a5583f", 0.13),
  );
  layer.fill(
    muscle(
      [
        [-28, 360],
        [-21, 386],
        [-9, 410],
      ],
      5,
    ),
    alpha("#b56a50", 0.1),
  );
  layer.fill(
    [
      muscle(
        [
          [9, 417],
          [38, 412],
          [80, 419],
        ],
        4,
      ),
      muscle(
        [
          [-9, 417],
          [-38, 412],
          [-80, 419],
        ],
        4,
      ),
    ],
    alpha("#a5583f", 0.34),
  );
  layer.fill(
    muscle(
      [
        [-12, 413],
        [-38, 408],
        [-76, 414],
      ],
      3,
    ),
    alpha("#ffe6d2", 0.5),
  );
  layer.fill(outline, { radial: [cx + 1, 417, 11], scale: [1, 0.9], stops: softStops("#9a4e3c", 0.26) }, inNeck);
  for (const sign of [-1, 1] as const) {
    layer.fill(outline, { radial: [cx + sign * 52, 384, 34], scale: [0.8, 1.5], stops: softStops("#7b392c", 0.55) }, inNeck);
  }
  drawJawShadow(sheet);
}

/** The shadow that the jaw throws moves with head and jaw. */
function drawJawShadow(sheet: Sheet): void {
  const layer = sheet.layer("jaw-shadow");
  const under = (dx: number, y: number, share: number): Vertex => {
    const moves: [string, Offset][] = [
      ["jawOpen", [0, 26 * share]],
      ["jawLeft", [8 * share, 0]],
      ["jawRight", [-8 * share, 0]],
    ];
    return { ...rigid(cx + dx, y, -6, 0.9), offsets: new Map(moves) };
  };
  const shadow = smooth(
    [
      under(-34, 300, 0),
      under(-37, 344, 0.7),
      under(-18, 360, 0.85),
      under(6, 367, 0.9),
      under(28, 362, 0.85),
      under(37, 346, 0.7),
      under(34, 300, 0),
    ],
    { closed: true },
  );
  layer.fill(shadow, {
    linear: [0, 330, 0, 368],
    stops: [
      [0, "#7f3b2ed0"],
      [0.5, "#8d4334a0"],
      [0.85, "#a0523f68"],
      [1, "#a85a4640"],
    ],
    at: under(0, 350, 0.9),
  });
}
