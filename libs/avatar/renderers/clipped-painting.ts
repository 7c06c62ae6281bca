import type { AssetPath } from "./asset-path.ts";
import type { Canvas2d } from "./canvas-2d.ts";
import type { MakeCanvas } from "./layer-cache.ts";
import { beyondPx } from "./layer-kind.ts";
import { tracePath } from "./trace-path.ts";

/**
 * Paints what a path bounds; `paint` need not care where the path ends.
 * @param xy the points that the path refers to
 */
export type PaintClipped = (context: Canvas2d, clip: AssetPath, xy: Float32Array, paint: (target: Canvas2d) => void) => void;

/** By the context's own clip. */
export const paintByClip: PaintClipped = (context, clip, xy, paint) => {
  context.save();
  context.beginPath();
  tracePath(context, clip, xy);
  context.clip();
  paint(context);
  context.restore();
};

/** Sides of the canvases are a multiple of it, so that few serve all poses. */
const roundedPx = 64;
/** Canvases kept of one path. */
const maxKept = 8;

/** In design pixels. */
interface PictureSize {
  readonly width: number;
  readonly height: number;
}

interface Side {
  readonly canvas: ReturnType<MakeCanvas>;
  readonly context: Canvas2d;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Beside, on a canvas of its own, with which the path is then filled: the edges of a fill are smooth everywhere, those of a clip are not in
 * Chromium's OffscreenCanvas. Canvases are kept by path and size: the size hangs on the pose alone, as pixels may differ by a level
 * with it. What is painted may not be clipped by the same function again.
 * @param scale output pixels per design pixel
 */
export function createPaintBeside(makeCanvas: MakeCanvas, size: PictureSize, scale: number): PaintClipped {
  const kept = new Map<AssetPath, Map<string, Side>>();
  const sideFor = (clip: AssetPath, width: number, height: number): Side | undefined => {
    const sides = kept.get(clip) ?? new Map<string, Side>();
    kept.set(clip, sides);
    const [widthPx, heightPx] = [rounded(width), rounded(height)];
    const key = `${widthPx}x${heightPx}`;
    const known = sides.get(key);
    if (known) return known;
    const canvas = makeCanvas(widthPx, heightPx);
    const context = canvas.getContext("2d");
    if (context === null) return undefined;
    context.lineCap = "round";
    context.lineJoin = "round";
    const side = { canvas, context, widthPx, heightPx };
    sides.set(key, side);
    const [oldest] = sides.keys();
    if (sides.size > maxKept && oldest !== undefined) sides.delete(oldest);
    return side;
  };
  return (context, clip, xy, paint) => {
    const area = pixelArea(clip, xy, size, scale);
    if (area.width <= 0 || area.height <= 0) return;
    const side = sideFor(clip, area.width, area.height);
    if (side === undefined) return paintByClip(context, clip, xy, paint);
    side.context.setTransform(1, 0, 0, 1, 0, 0);
    side.context.clearRect(0, 0, side.widthPx, side.heightPx);
    side.context.setTransform(scale, 0, 0, scale, -area.left, -area.top);
    paint(side.context);
    context.save();
    context.beginPath();
    tracePath(context, clip, xy);
    context.scale(1 / scale, 1 / scale);
    context.translate(area.left, area.top);
    context.globalAlpha = 1;
    context.fillStyle = context.createPattern(side.canvas, "no-repeat");
    context.fill();
    context.restore();
  };
}

const rounded = (px: number): number => Math.ceil(px / roundedPx) * roundedPx;

/** The whole output pixels that a path can touch: a Bezier curve lies within the hull of its points. Nothing far outside the picture. */
function pixelArea({ points }: AssetPath, xy: Float32Array, size: PictureSize, scale: number) {
  let [left, top, right, bottom] = [size.width + beyondPx, size.height + beyondPx, -beyondPx, -beyondPx];
  for (const point of points) {
    const [x, y] = [xy[2 * point] as number, xy[2 * point + 1] as number];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  left = Math.floor(Math.max(left, -beyondPx) * scale);
  top = Math.floor(Math.max(top, -beyondPx) * scale);
  right = Math.ceil(Math.min(right, size.width + beyondPx) * scale);
  bottom = Math.ceil(Math.min(bottom, size.height + beyondPx) * scale);
  return { left, top, width: right - left, height: bottom - top };
}
