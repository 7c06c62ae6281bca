import { joined, reversed, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { irisMoves, lowerLidMoves, type Sign, sideName, upperLidMoves } from "../../../../libs/avatar/drawing/lids.ts";
import { keepApart } from "../../../../libs/avatar/drawing/lips.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush } from "../../../../libs/avatar/drawing/stroke.ts";
import type { Offset, Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, depthOf, disc, eyeY, face, rigid } from "./shape.ts";

const eyeX = 45;
/** dx towards the temple, height of the upper and the lower lid's edge. */
const stations = [
  [-12, -8, 7],
  [0, -12, 10],
  [12, -8, 7],
] as const;

export function drawEyes(sheet: Sheet, layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) drawEye(sheet, layer, sign);
}

function drawEye(sheet: Sheet, layer: SheetLayer, sign: Sign): void {
  const name = sideName(sign);
  const at = (dx: number, dy: number, moves: Record<string, Offset> = {}): Vertex => {
    const [x, y] = [cx + sign * (eyeX + dx), eyeY + dy];
    return { x, y, z: depthOf(x, y), follow: 1, offsets: new Map(Object.entries(moves)) };
  };
  const share = (dx: number) => 1 - (dx / 24) ** 2;
  const [inner, outer] = [at(-18, 1), at(18, 0)];
  const upper = smooth(
    [inner, ...stations.map(([dx, up, low]) => at(dx, up, upperLidMoves(name, share(dx), low - up - 1.6 * share(dx)))), outer],
    { measure: "x" },
  );
  const lower = smooth([inner, ...stations.map(([dx, , low]) => at(dx, low, lowerLidMoves(name, share(dx)))), outer], { measure: "x" });
  keepApart(sheet, upper, lower);
  const opening = joined(upper, reversed(lower));
  const clip = sign > 0 ? "eye-left" : "eye-right";
  sheet.clip(clip, opening);
  layer.fill(opening, "#fffdf8");
  const iris = (dx: number, y: number) => at(dx, y - eyeY, irisMoves(sign, 7));
  layer.fill(disc(0, eyeY - 1, 8, iris), "#4a3423", { clip });
  layer.fill(disc(0, eyeY - 1, 3.8, iris), "#17100c", { clip });
  layer.fill(disc(-sign * 3 * sign, eyeY - 4, 2.3, iris), "#ffffff", { clip });
  const line = [upper.start, ...upper.segments.map((segment) => segment[2])];
  layer.fill(
    brush(line, (t) => 1 + 3 * Math.sin(Math.PI * t)),
    "#4d2a1a",
  );
  const below = [lower.start, ...lower.segments.map((segment) => segment[2])];
  layer.fill(
    brush(below, (t) => 0.4 + 1 * Math.sin(Math.PI * t)),
    "#c98a66",
  );
}

/** Brows, glasses before them. */
export function drawBrows(layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) {
    const brow = [face(sign * 19, 182), face(sign * 38, 174), face(sign * 56, 174), face(sign * 72, 184)];
    layer.fill(
      brush(brow, (t) => 10 - 6 * t),
      "#6b361d",
    );
  }
}

export function drawGlasses(layer: SheetLayer): void {
  const lens = (sign: Sign) => disc(sign * eyeX, eyeY + 2, 31, (dx, y) => rigid(dx, y, 88));
  layer.fill([lens(-1), lens(1)], "#ffffff22");
  layer.stroke([lens(-1), lens(1)], 4.5, "#22313f");
  layer.stroke(smooth([rigid(-15, eyeY - 1, 92), rigid(0, eyeY - 7, 94), rigid(15, eyeY - 1, 92)]), 4.5, "#22313f");
  layer.stroke(
    [smooth([rigid(-75, eyeY - 2, 78), rigid(-98, eyeY - 6, 10)]), smooth([rigid(75, eyeY - 2, 78), rigid(98, eyeY - 6, 10)])],
    4.5,
    "#22313f",
  );
}
