import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import type { Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { rigid } from "./head-shape.ts";
import { type Guide, type Lock, lock, strands } from "./lock.ts";
import { alpha, palette, softStops } from "./palette.ts";

type Stops = readonly (readonly [number, string])[];

/** Where both front locks part: they are carried by it, so that they never come apart there. */
const parting: Vertex = rigid(280, 44, 34);

/** Behind the head: the mass that falls to the shoulders. Most of it is hidden, so only the side that shows is worked out. */
export function drawBackHair(sheet: Sheet): void {
  const left: Guide = [
    [150, 150, -20, 1],
    [136, 210, -20, 1],
    [134, 280, -20, 0.8],
    [130, 350, -10, 0.4],
    [140, 410, 0, 0],
    [168, 444, 0, 0],
  ];
  const inner: Guide = [
    [340, 150, -20, 1],
    [338, 210, -20, 1],
    [330, 280, -20, 0.8],
    [326, 350, -10, 0.4],
    [330, 410, 0, 0],
    [344, 446, 0, 0],
  ];
  const right: Guide = [
    [366, 150, -20, 1],
    [381, 206, -20, 1],
    [385, 268, -20, 0.8],
    [400, 334, -10, 0.4],
    [401, 394, 0, 0],
    [368, 446, 0, 0],
  ];
  const fall = lock(inner, right);
  sheet
    .layer("hair-behind")
    .fill(
      lock([[180, 90, -20, 1], ...left], [[350, 90, -20, 1], ...inner.map(([x, y, z, follow]) => [x + 28, y, z, follow] as const)]).outline,
      "#2a1211",
    );
  const layer = sheet.layer("hair-side", { carriedBy: [rigid(340, 150, -20), rigid(380, 180, -20), rigid(370, 446, 0, 0)] });
  layer.fill(fall.outline, {
    linear: [334, 0, 398, 0],
    stops: [
      [0, "#2a1211"],
      [0.3, "#421e18"],
      [0.62, palette.hair],
      [0.88, "#713a28"],
      [1, "#8d5a45"],
    ],
  });
  sheet.clip("side", fall.outline);
  const run = (seed: number, count: number, colour: string, widthPx: number, across: readonly [number, number]) =>
    strands(layer, fall, { seed, count, colour, widthPx, across, lengths: [0.4, 0.95] }, { clip: "side" });
  run(51, 7, "#7c452d90", 8, [0.42, 0.99]);
  run(52, 8, "#2a121180", 4, [0.2, 0.95]);
  run(53, 8, "#a5623c80", 3, [0.5, 0.97]);
  run(54, 4, "#d69a6370", 2, [0.62, 0.95]);
  layer.fill(fall.strand(0.96, 0.05, 0.8, 4), "#e6c8b460", { clip: "side" });
}

/** Locks before the face, from the parting to both sides; each a picture that head and shoulder carry. */
export function drawFrontHair(sheet: Sheet): void {
  const tucked = lock(
    [
      [273, 82, 0, 1],
      [306, 99, 0, 1],
      [331, 128, 0, 1],
      [344, 160, 0, 1],
      [349, 188, 0, 1],
      [357, 212, 0, 1],
      [373, 246, 0, 1],
    ],
    [
      [262, 41, 0, 1],
      [326, 44, 0, 1],
      [366, 82, 0, 1],
      [382, 132, 0, 1],
      [386, 178, 0, 1],
      [384, 214, 0, 1],
      [373, 246, 0, 1],
    ],
  );
  const right = sheet.layer("hair-tucked", { carriedBy: [parting, rigid(384, 150, -4), rigid(350, 190, 22)] });
  sheet.clip("tucked", tucked.outline);
  paintLock(right, tucked, { linear: [300, 40, 380, 250], seed: 21, lights: 10, glint: [0.3, 0.75], clip: "tucked" });
  right.fill(tucked.strand(0.93, 0.3, 0.95, 4), "#e6c8b470", { clip: "tucked" });

  const under = lock(
    [
      [156, 286, 0, 1],
      [182, 340, 0, 1],
      [204, 372, 0, 1],
      [203, 404, 0, 1],
      [190, 426, 0, 1],
    ],
    [
      [154, 284, 0, 1],
      [152, 340, 0, 1],
      [168, 376, 0, 1],
      [176, 408, 0, 1],
      [190, 426, 0, 1],
    ],
  );
  const falling = lock(
    [
      [286, 84, 0, 1],
      [252, 95, 0, 1],
      [212, 122, 0, 1],
      [183, 160, 0, 1],
      [168, 206, 0, 1],
      [160, 254, 0, 1],
      [163, 304, 0, 1],
      [178, 350, 0, 1],
      [180, 396, 0, 1],
      [158, 432, 0, 1],
      [128, 452, 0, 1],
    ],
    [
      [282, 40.5, 0, 1],
      [224, 35, 0, 1],
      [161, 63, 0, 1],
      [130, 122, 0, 1],
      [119, 188, 0, 1],
      [120, 250, 0, 1],
      [109, 304, 0, 1],
      [97, 352, 0, 1],
      [100, 394, 0, 1],
      [112, 424, 0, 1],
      [128, 452, 0, 1],
    ],
  );
  const left = sheet.layer("hair-falling", { carriedBy: [parting, rigid(132, 170, 2), rigid(150, 440, 10, 0.08)] });
  sheet.clip("under", under.outline);
  paintLock(left, under, { linear: [150, 180, 190, 440], seed: 41, lights: 5, glint: [0.3, 0.8], clip: "under" });
  sheet.clip("falling", falling.outline);
  paintLock(left, falling, { linear: [190, 40, 130, 450], seed: 31, lights: 15, glint: [0.25, 0.85], clip: "falling" });
  left.fill(falling.strand(0.02, 0.25, 0.9, 7), alpha(palette.hairDark, 0.5), { clip: "falling" });
  left.fill(falling.strand(0.95, 0.2, 0.8, 5), "#ffd9a855", { clip: "falling" });
}

interface LockStyle {
  readonly linear: readonly [number, number, number, number];
  readonly seed: number;
  readonly lights: number;
  /** Across the lock: where the light glances. */
  readonly glint: readonly [number, number];
  readonly clip: string;
}

function paintLock(layer: SheetLayer, source: Lock, { linear, seed, lights, glint, clip }: LockStyle): void {
  const body: Stops = [
    [0, "#5f2f22"],
    [0.12, "#7d432c"],
    [0.22, "#8f5136"],
    [0.34, "#64321f"],
    [0.5, palette.hair],
    [0.62, "#70392a"],
    [0.74, "#7b4230"],
    [0.88, palette.hair],
    [1, "#4a231a"],
  ];
  layer.fill(source.outline, { linear, stops: body });
  const across = [0.03, 0.97] as const;
  const run = (
    offset: number,
    count: number,
    colour: string,
    widthPx: number,
    lengths: readonly [number, number],
    place: readonly [number, number] = across,
  ) => strands(layer, source, { seed: seed + offset, count, colour, widthPx, across: place, lengths }, { clip });
  run(0, lights, alpha(palette.hairDark, 0.32), 11, [0.5, 0.95]);
  run(1, lights, alpha(palette.hairMid, 0.6), 8, [0.5, 0.95]);
  run(2, lights + 4, alpha(palette.hairLight, 0.42), 4, [0.4, 0.9]);
  run(3, lights + 4, alpha(palette.hairDark, 0.5), 2.6, [0.4, 0.9]);
  run(4, Math.ceil(lights * 0.6), alpha(palette.hairGlint, 0.5), 2.2, [0.3, 0.6], glint);
  layer.fill(source.outline, {
    radial: [linear[0] - 20, linear[1] + 70, 64],
    scale: [1, 0.4],
    turn: linear[0] < 256 ? -0.7 : 0.7,
    stops: softStops("#e8b484", 0.4),
  });
}
