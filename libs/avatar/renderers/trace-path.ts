import { type AssetPath, PathOp } from "./asset-path.ts";
import type { Canvas2d } from "./canvas-2d.ts";

/** Adds a path to the context's current path, with point p at xy[2p], xy[2p + 1]. */
export function tracePath(context: Canvas2d, path: AssetPath, xy: Float32Array): void {
  const { ops, points } = path;
  let at = 0;
  for (let n = 0; n < ops.length; n++) {
    const op = ops[n];
    if (op === PathOp.CLOSE) {
      context.closePath();
      continue;
    }
    const a = 2 * (points[at] as number);
    if (op === PathOp.CURVE) {
      const b = 2 * (points[at + 1] as number);
      const c = 2 * (points[at + 2] as number);
      context.bezierCurveTo(
        xy[a] as number,
        xy[a + 1] as number,
        xy[b] as number,
        xy[b + 1] as number,
        xy[c] as number,
        xy[c + 1] as number,
      );
      at += 3;
      continue;
    }
    if (op === PathOp.MOVE) context.moveTo(xy[a] as number, xy[a + 1] as number);
    else context.lineTo(xy[a] as number, xy[a + 1] as number);
    at += 1;
  }
}
