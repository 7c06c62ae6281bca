import { joined, reversed, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { jawDrop } from "../../../../libs/avatar/drawing/lip-muscles.ts";
import { createLips, keepApart } from "../../../../libs/avatar/drawing/lips.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { beside, type Offset, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, depthOf, mouthY } from "./shape.ts";

const halfWidth = 34;

/** Flat lips, one row of teeth, a tongue; the moustache rides on the upper lip. */
export function drawMouth(sheet: Sheet, layer: SheetLayer): void {
  const lips = createLips({
    cx,
    halfWidth,
    seam: (u) => mouthY - 4 * u * u,
    upper: (u) => -5 * (1 - Math.abs(u) ** 2),
    lower: (u) => 9 * (1 - Math.abs(u) ** 2.4),
    z: depthOf,
  });
  const { upperInner, lowerInner, upperOuter, lowerOuter } = lips;
  keepApart(sheet, upperInner, lowerInner);
  layer.fill(joined(upperOuter, reversed(lowerOuter)), "#b8574c");
  layer.fill(joined(lowerInner, reversed(lowerOuter)), "#d2766a");
  const opening = joined(upperInner, reversed(lowerInner));
  sheet.clip("mouth", opening);
  layer.fill(opening, "#3b1418");
  const inside = (dx: number, dy: number, moves: Record<string, Offset>): Vertex => ({
    x: cx + dx,
    y: mouthY + dy,
    z: depthOf(cx, mouthY) - 8,
    follow: 1,
    offsets: new Map(Object.entries(moves)),
  });
  const tongue = (dx: number, dy: number) => inside(dx, dy, { jawOpen: [0, jawDrop * 0.85], tongueOut: [0, 5] });
  layer.fill(smooth([tongue(-20, 26), tongue(-15, 6), tongue(0, 2), tongue(15, 6), tongue(20, 26)], { closed: true }), "#d56d6a", {
    clip: "mouth",
  });
  const teeth = (dx: number, dy: number) => inside(dx, dy, { mouthFunnel: [0, -9], mouthPucker: [0, -9] });
  layer.fill(smooth([teeth(-27, -16), teeth(-24, 2), teeth(0, 6.5), teeth(24, 2), teeth(27, -16)], { closed: true }), "#fbf6ec", {
    clip: "mouth",
  });
  const stations = [upperInner.start, ...upperInner.segments.map((segment) => segment[2])];
  layer.fill(brush(stations, tapered(2)), "#8e3a35");

  const under = smooth([
    beside(stations.at(-1) as Vertex, 30, 0),
    beside(stations.at(-1) as Vertex, 30, 110),
    beside(stations[0] as Vertex, -30, 110),
    beside(stations[0] as Vertex, -30, 0),
  ]);
  sheet.clip("under-lip", joined(upperInner, under));
  const out = (dx: number, drop: number) => {
    const base = lips.edge(dx / halfWidth);
    return beside({ ...base, offsets: new Map([...base.offsets].filter(([driver]) => driver !== "tongueOut")) }, 0, 0, {
      tongueOut: [0, drop],
    });
  };
  layer.fill(smooth([out(-12, 4), out(-13, 16), out(0, 32), out(13, 16), out(12, 4)], { closed: true }), "#e07c77", {
    clip: "under-lip",
    opacity: 0,
    opacityBy: { tongueOut: 8 },
  });

  const ride = [upperOuter.start, ...upperOuter.segments.map((segment) => segment[2])];
  const last = ride.length - 1;
  const arch = (n: number) => Math.sin((Math.PI * n) / last);
  const top = ride.map((vertex, n) => beside(vertex, (n - last / 2) * 2.6, 4 - 19 * arch(n) ** 0.6 + (n === last / 2 ? 4 : 0)));
  const bottom = ride.map((vertex, n) => beside(vertex, (n - last / 2) * 2.6, n === 0 || n === last ? 4 : 1.5));
  layer.fill(joined(smooth(top), reversed(smooth(bottom))), "#7a3f22");
}
