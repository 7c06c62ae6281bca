import { type Curve, ellipse, joined, reversed, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { jawDrop } from "../../../../libs/avatar/drawing/lip-muscles.ts";
import { createLips, type Lips } from "../../../../libs/avatar/drawing/lips.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { beside, type Offset, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, head, mouthY } from "./head-shape.ts";
import { alpha, palette, softStops } from "./palette.ts";

const halfWidth = 33;

/** The closed mouth's line: corners a little up, the upper lip's bead in the middle a little down. */
const seam = (u: number) => mouthY - 3.8 * Math.abs(u) ** 2.2 + 1.2 * Math.exp(-((u / 0.2) ** 2));

export function mouthLips(): Lips {
  return createLips({
    cx,
    halfWidth,
    seam,
    upper: (u) => -10.5 * (1 - Math.abs(u) ** 1.9) + 2.6 * Math.exp(-((u / 0.13) ** 2)),
    lower: (u) => 13.5 * (1 - Math.abs(u) ** 2.6),
    z: head.z,
  });
}

/** Lips, what is behind them, and the tongue before them. */
export function drawMouth(sheet: Sheet, layer: SheetLayer, mouth: Lips): void {
  const { upperOuter, lowerOuter, upperInner, lowerInner } = mouth;
  const middle = upperInner.segments[3]?.[0] as Vertex;
  const low = lowerInner.segments[3]?.[0] as Vertex;
  const lowOuter = lowerOuter.segments[3]?.[0] as Vertex;
  for (const corner of [upperInner.start, upperInner.segments.at(-1)?.[2] as Vertex]) {
    const out = beside(corner, Math.sign(corner.x - cx) * 2.5, 0.5);
    layer.fill(
      ellipse(8, 7, (dx, dy) => beside(out, dx, dy)),
      { radial: [out.x, out.y, 8], scale: [1, 0.9], stops: softStops("#a5553f", 0.42), at: out },
    );
  }
  const lips = joined(upperOuter, reversed(lowerOuter));
  layer.fill(lips, {
    linear: [0, mouthY - 11, 0, mouthY + 2],
    stops: [
      [0, "#c9686a"],
      [0.5, palette.lipUpper],
      [1, "#a2434b"],
    ],
    at: middle,
  });
  layer.fill(joined(lowerInner, reversed(lowerOuter)), {
    linear: [0, mouthY, 0, mouthY + 14],
    stops: [
      [0, "#b9555a"],
      [0.35, palette.lipLower],
      [0.75, "#d0706f"],
      [1, "#b85f5f"],
    ],
    at: low,
  });
  sheet.clip("lips", lips);
  const shine = (x: number, y: number, radius: number, flat: number, strength: number, at: Vertex) =>
    layer.fill(lips, { radial: [x, y, radius], scale: [1, flat], stops: softStops("#ffe1d6", strength), at });
  shine(cx - 5, mouthY + 6.6, 14, 0.25, 0.62, lowOuter);
  shine(cx + 9, mouthY + 7, 8, 0.3, 0.28, lowOuter);
  shine(cx - 9, mouthY - 7.5, 9, 0.22, 0.35, upperOuter.segments[2]?.[2] as Vertex);
  drawInterior(sheet, layer, mouth);
  layer.fill(
    brush(stations(upperInner), (t) => 0.5 + 1.5 * Math.sin(Math.PI * t) ** 0.5),
    alpha(palette.lipDark, 0.95),
  );
  layer.fill(brush(stations(lowerInner), tapered(1)), alpha(palette.lipDark, 0.5));
  drawTongue(sheet, layer, mouth);
}

const stations = (curve: Curve) => [curve.start, ...curve.segments.map((segment) => segment[2])];

/** Offsets for what hangs on the lower jaw inside the mouth. */
const withJaw = (share: number): Record<string, Offset> => ({
  jawOpen: [0, jawDrop * share],
  jawLeft: [5 * share, 0],
  jawRight: [-5 * share, 0],
  mouthLeft: [4 * share, 0],
  mouthRight: [-4 * share, 0],
});

function inside(x: number, y: number, extra: Record<string, Offset>): Vertex {
  return { x, y, z: head.z(cx, mouthY) - 10, follow: 1, offsets: new Map(Object.entries(extra)) };
}

function drawInterior(sheet: Sheet, layer: SheetLayer, { upperInner, lowerInner }: Lips): void {
  const opening = joined(upperInner, reversed(lowerInner));
  sheet.clip("mouth", opening);
  const options = { clip: "mouth" };
  const still = inside(cx, mouthY, {});
  layer.fill(opening, {
    linear: [0, mouthY - 6, 0, mouthY + 34],
    stops: [
      [0, "#2a0a10"],
      [0.45, "#4a151b"],
      [1, "#6b2428"],
    ],
    at: still,
  });
  const rounded: Record<string, Offset> = { mouthFunnel: [0, -9.5], mouthPucker: [0, -9], mouthRollUpper: [0, 1] };
  const tongueMove = { ...withJaw(0.86), tongueOut: [0, 6] as Offset, mouthFunnel: [0, 9] as Offset, mouthPucker: [0, 7] as Offset };
  const tongue = smooth(
    [
      [-24, 22],
      [-19, 6],
      [-8, 1.5],
      [0, 3],
      [8, 1.5],
      [19, 6],
      [24, 22],
      [0, 30],
    ].map(([dx, dy]) => inside(cx + (dx ?? 0), mouthY + (dy ?? 0) - 4, tongueMove)),
    { closed: true },
  );
  layer.fill(
    tongue,
    {
      linear: [0, mouthY - 4, 0, mouthY + 12],
      stops: [
        [0, "#d87a78"],
        [0.5, "#c2605f"],
        [1, "#9a4043"],
      ],
      at: inside(cx, mouthY, tongueMove),
    },
    options,
  );
  layer.stroke(smooth([inside(cx, mouthY + 0, tongueMove), inside(cx + 0.5, mouthY + 12, tongueMove)]), 1.6, "#8f383c66", options);
  const upperTeeth = (dx: number, dy: number) => inside(cx + dx, mouthY + dy, rounded);
  const edge = [
    [-27, 0.5],
    [-20, 4.6],
    [-12, 6.8],
    [-4, 7.8],
    [4, 7.8],
    [12, 6.8],
    [20, 4.6],
    [27, 0.5],
  ] as const;
  const arch = smooth(edge.map(([dx, dy]) => upperTeeth(dx, dy)));
  layer.fill(
    joined(arch, smooth([upperTeeth(30, -16), upperTeeth(-30, -16)])),
    {
      radial: [cx, mouthY + 1, 30],
      scale: [1, 0.75],
      stops: [
        [0, "#fffaf2"],
        [0.45, "#f6ece0"],
        [0.8, "#d9c3b4"],
        [1, "#a98878"],
      ],
      at: upperTeeth(0, 0),
    },
    options,
  );
  layer.stroke(
    [-18, -11.5, -5.6, 0, 5.6, 11.5, 18].map((dx) => smooth([upperTeeth(dx, -12), upperTeeth(dx * 1.02, 7.5 - Math.abs(dx) * 0.12)])),
    0.6,
    "#b99a8a88",
    options,
  );
  const lowerTeeth = (dx: number, dy: number) =>
    inside(cx + dx, mouthY + dy, { ...withJaw(1), tongueOut: [0, 4], mouthFunnel: [0, 10], mouthPucker: [0, 7], mouthRollLower: [0, 4] });
  const lowEdge = smooth(
    [
      [-24, 1],
      [-14, -2.4],
      [0, -3.6],
      [14, -2.4],
      [24, 1],
    ].map(([dx, dy]) => lowerTeeth(dx ?? 0, dy ?? 0)),
  );
  layer.fill(
    joined(lowEdge, smooth([lowerTeeth(26, 16), lowerTeeth(-26, 16)])),
    {
      radial: [cx, mouthY + 1, 26],
      scale: [1, 0.7],
      stops: [
        [0, "#efe3d7"],
        [0.5, "#e0cfc1"],
        [0.85, "#b89c8e"],
        [1, "#8b6a60"],
      ],
      at: lowerTeeth(0, 0),
    },
    options,
  );
  layer.stroke(
    [-10, -5, 0, 5, 10].map((dx) => smooth([lowerTeeth(dx, -3), lowerTeeth(dx, 8)])),
    0.5,
    "#a5877a77",
    options,
  );
  const lid = upperInner.segments[3]?.[0] as Vertex;
  layer.fill(
    opening,
    {
      linear: [0, mouthY, 0, mouthY + 8],
      stops: [
        [0, "#2a0a10b0"],
        [0.5, "#2a0a1038"],
        [1, "#2a0a1000"],
      ],
      at: lid,
    },
    options,
  );
}

/** The tongue put out: folded into the seam until tongueOut unfolds it over the lower lip. */
function drawTongue(sheet: Sheet, layer: SheetLayer, { upperInner, edge }: Lips): void {
  const [left, right] = [upperInner.start, upperInner.segments.at(-1)?.[2] as Vertex];
  const under = smooth([beside(right, 30, 0), beside(right, 30, 110), beside(left, -30, 110), beside(left, -30, 0)]);
  sheet.clip("under-upper-lip", joined(upperInner, under));
  const at = (dx: number, drop: number) => {
    const base = edge(dx / halfWidth);
    const moved = new Map([...base.offsets].filter(([driver]) => driver !== "tongueOut"));
    return beside({ ...base, offsets: moved }, 0, 0, { tongueOut: [0, drop] });
  };
  const shape = [
    [-12, 6],
    [-14, 14],
    [-11, 26],
    [0, 32],
    [11, 26],
    [14, 14],
    [12, 6],
    [0, 4],
  ] as const;
  const outline = smooth(
    shape.map(([dx, drop]) => at(dx, drop)),
    { closed: true },
  );
  const tip = at(0, 31);
  layer.fill(
    outline,
    {
      linear: [0, mouthY - 27, 0, mouthY + 1],
      stops: [
        [0, "#7d2f36"],
        [0.2, "#b0504f"],
        [0.5, "#d4736f"],
        [0.85, "#e28c87"],
        [1, "#c96e6b"],
      ],
      at: tip,
    },
    { clip: "under-upper-lip", opacity: 0, opacityBy: { tongueOut: 8 } },
  );
  layer.stroke(smooth([at(0, 10), at(0.6, 17), at(0, 25)]), 1.6, "#9a444888", {
    clip: "under-upper-lip",
    opacity: 0,
    opacityBy: { tongueOut: 1 },
  });
}
