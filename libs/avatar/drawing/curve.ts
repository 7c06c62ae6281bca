import { between, blend, type Vertex } from "./vertex.ts";

/** A run of cubic segments: a start, then (handle, handle, end) per segment. */
export interface Curve {
  readonly start: Vertex;
  readonly segments: readonly (readonly [Vertex, Vertex, Vertex])[];
}

/** A vertex where a smooth curve may turn sharply. */
export interface Corner {
  readonly corner: Vertex;
}

export type Anchor = Vertex | Corner;

export interface SmoothOptions {
  readonly closed?: boolean;
  /** Length of the handles; 1 is a Catmull-Rom curve, 0 straight lines. */
  readonly tension?: number;
  /** Measure of the distance between anchors. `x` gives curves over the same x the same handles' x. */
  readonly measure?: "length" | "x";
}

export function corner(vertex: Vertex): Corner {
  return { corner: vertex };
}

function vertexOf(anchor: Anchor): Vertex {
  return "corner" in anchor ? anchor.corner : anchor;
}

/**
 * A smooth curve through anchors (non-uniform Catmull-Rom as Beziers). Handles are fixed sums of the anchors, so they move with
 * them and the curve stays smooth in every pose.
 */
export function smooth(anchors: readonly Anchor[], options: SmoothOptions = {}): Curve {
  const { closed = false, tension = 1, measure = "length" } = options;
  const count = anchors.length;
  const at = (n: number) => vertexOf(anchors[(n + count) % count] as Anchor);
  const distance = (a: Vertex, b: Vertex) => Math.max(1e-3, measure === "x" ? Math.abs(a.x - b.x) : Math.hypot(a.x - b.x, a.y - b.y));
  const sharp = (n: number) => "corner" in (anchors[(n + count) % count] as Anchor) || (!closed && (n === 0 || n === count - 1));
  const handle = (n: number, side: 1 | -1): Vertex => {
    const here = at(n);
    if (sharp(n)) return between(here, at(n + side), (1 / 3) * tension);
    const towards = at(n + side);
    const away = at(n - side);
    const reach = distance(here, towards) / (distance(here, towards) + distance(here, away));
    const share = (reach * tension) / 3;
    return blend([
      [here, 1],
      [towards, share],
      [away, -share],
    ]);
  };
  const segments: [Vertex, Vertex, Vertex][] = [];
  for (let n = 0; n < (closed ? count : count - 1); n++) segments.push([handle(n, 1), handle(n + 1, -1), at(n + 1)]);
  return { start: at(0), segments };
}

/** Straight lines through vertices, as segments. */
export function polyline(vertices: readonly Vertex[]): Curve {
  return smooth(
    vertices.map((vertex) => corner(vertex)),
    {},
  );
}

export function end(curve: Curve): Vertex {
  return curve.segments.at(-1)?.[2] ?? curve.start;
}

/** The same curve the other way round; shares its vertices. */
export function reversed(curve: Curve): Curve {
  const ends = [curve.start, ...curve.segments.map((segment) => segment[2])];
  const segments = curve.segments.map(([a, b], n): [Vertex, Vertex, Vertex] => [b, a, ends[n] as Vertex]).reverse();
  return { start: end(curve), segments };
}

/** Curves one after the other, with a straight line over each gap. */
export function joined(...curves: readonly Curve[]): Curve {
  const [first, ...rest] = curves as [Curve, ...Curve[]];
  const segments = [...first.segments];
  let last = end(first);
  for (const curve of rest) {
    if (curve.start !== last) segments.push([between(last, curve.start, 1 / 3), between(last, curve.start, 2 / 3), curve.start]);
    segments.push(...curve.segments);
    last = end(curve);
  }
  return { start: first.start, segments };
}

/** Each vertex of a curve replaced. Shared vertices stay shared. */
export function mapped(curve: Curve, change: (vertex: Vertex) => Vertex): Curve {
  const seen = new Map<Vertex, Vertex>();
  const get = (vertex: Vertex) => {
    const known = seen.get(vertex) ?? change(vertex);
    seen.set(vertex, known);
    return known;
  };
  return { start: get(curve.start), segments: curve.segments.map(([a, b, c]) => [get(a), get(b), get(c)] as const) };
}

/** An ellipse; `place` makes its vertices from distances to the centre. */
export function ellipse(radiusX: number, radiusY: number, place: (dx: number, dy: number) => Vertex): Curve {
  const k = 0.5523;
  const p = (dx: number, dy: number) => place(dx * radiusX, dy * radiusY);
  const start = p(1, 0);
  return {
    start,
    segments: [
      [p(1, k), p(k, 1), p(0, 1)],
      [p(-k, 1), p(-1, k), p(-1, 0)],
      [p(-1, -k), p(-k, -1), p(0, -1)],
      [p(k, -1), p(1, -k), start],
    ],
  };
}
