import { type Curve, corner, joined, reversed, smooth } from "./curve.ts";
import { beside, type Vertex } from "./vertex.ts";

/**
 * A stroke as a filled outline with a width of its own at every anchor, as a brush makes it. `widthPx(t)` is the full width at t
 * of the way (0..1, by anchor).
 */
export function brush(anchors: readonly Vertex[], widthPx: (t: number) => number): Curve {
  const last = anchors.length - 1;
  const side = (sign: 1 | -1) =>
    anchors.map((anchor, n) => {
      const from = anchors[Math.max(0, n - 1)] as Vertex;
      const to = anchors[Math.min(last, n + 1)] as Vertex;
      const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
      const half = (sign * widthPx(n / last)) / 2;
      if (half === 0) return anchor;
      return beside(anchor, (-(to.y - from.y) / length) * half, ((to.x - from.x) / length) * half);
    });
  const pinned = (list: Vertex[]) => smooth(list.map((vertex, n) => (n === 0 || n === last ? corner(vertex) : vertex)));
  return joined(pinned(side(1)), reversed(pinned(side(-1))));
}

/** Thick in the middle, nothing at both ends. */
export function tapered(maxPx: number): (t: number) => number {
  return (t) => maxPx * Math.sin(Math.PI * Math.min(1, Math.max(0, t))) ** 0.8;
}
