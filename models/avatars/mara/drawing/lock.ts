import { type Curve, joined, reversed, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { seeded } from "../../../../libs/avatar/drawing/field.ts";
import type { PaintOptions, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { between, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { rigid } from "./head-shape.ts";

/** x, y, z, follow along an edge of a lock, from root to tip. */
export type Guide = readonly (readonly [x: number, y: number, z: number, follow: number])[];

/** A lock between two guides of as many points: its outline, and strands that flow from one guide to the other. */
export interface Lock {
  readonly outline: Curve;
  /** `across` 0..1 from the first guide to the second; `from`, `to` 0..1 from root to tip. */
  strand(across: number, from: number, to: number, widthPx: number): Curve;
}

export interface Strands {
  readonly seed: number;
  readonly count: number;
  readonly colour: string;
  readonly widthPx: number;
  readonly across: readonly [number, number];
  /** Shortest and longest, as a share of the lock's length. */
  readonly lengths: readonly [number, number];
}

export function lock(first: Guide, second: Guide): Lock {
  const vertices = (guide: Guide) =>
    guide.map(
      ([x, y, z, follow]): Vertex => ({ ...rigid(x, y, z, follow), offsets: new Map(follow < 0.5 ? [["breath", [0, -2] as const]] : []) }),
    );
  const [a, b] = [smooth(vertices(first)), smooth(vertices(second))];
  return {
    outline: joined(a, reversed(b)),
    strand(across, from, to, widthPx) {
      const steps = 5;
      const points = Array.from({ length: steps + 1 }, (_, n) => {
        const t = from + ((to - from) * n) / steps;
        return between(pointAt(a, t), pointAt(b, t), across);
      });
      return brush(points, tapered(widthPx));
    },
  };
}

/** Strands of irregular length and width, spread over a lock; one shape. */
export function strands(
  layer: SheetLayer,
  source: Lock,
  { seed, count, colour, widthPx, across, lengths }: Strands,
  options: PaintOptions = {},
): void {
  const random = seeded(seed);
  const curves = Array.from({ length: count }, (_, n) => {
    const place = across[0] + ((across[1] - across[0]) * (n + 0.2 + 0.6 * random())) / count;
    const length = lengths[0] + (lengths[1] - lengths[0]) * random();
    const from = 0.01 + (0.97 - length) * random();
    return source.strand(place, Math.max(0.01, from), Math.min(0.985, from + length), widthPx * (0.5 + random()));
  });
  layer.fill(curves, colour, options);
}

/** The point at t (0..1 by segment) of a curve, by de Casteljau. */
function pointAt(curve: Curve, t: number): Vertex {
  const scaled = Math.min(0.9999, Math.max(0, t)) * curve.segments.length;
  const n = Math.floor(scaled);
  const start = n === 0 ? curve.start : (curve.segments[n - 1]?.[2] as Vertex);
  let row: Vertex[] = [start, ...(curve.segments[n] as readonly [Vertex, Vertex, Vertex])];
  while (row.length > 1) row = row.slice(1).map((vertex, k) => between(row[k] as Vertex, vertex, scaled - n));
  return row[0] as Vertex;
}
