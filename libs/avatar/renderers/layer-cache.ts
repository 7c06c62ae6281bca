import type { Canvas2d } from "./canvas-2d.ts";
import type { Bounds, LayerKind } from "./layer-kind.ts";

/** Makes an offscreen canvas of the runtime: `createCanvas` of @napi-rs/canvas, or an OffscreenCanvas in a browser. */
export type MakeCanvas = (widthPx: number, heightPx: number) => { getContext(kind: "2d"): Canvas2d | null };

export interface CachedLayer {
  readonly kind: LayerKind;
  readonly bounds: Bounds;
}

export interface LayerCache {
  /** Draws layer n from its kept picture, which `paint` fills at first; false where the layer must be painted each time. */
  draw(n: number, context: Canvas2d, breath: number, paint: (target: Canvas2d) => void): boolean;
}

const breathSteps = 24;
/** Of all kept pictures together, in pixels of 4 bytes; layers beyond it are painted each time. */
const maxKeptPixels = 16 << 20;

/** The breath as kept pictures show it: they exist for a few phases only, and the rest of the figure must move along. */
export function keptBreath(breath: number): number {
  return Math.round(Math.max(0, Math.min(1, breath || 0)) * breathSteps) / breathSteps;
}

/** Keeps pictures of layers that the face does not deform; at most one per layer and step of the breath. */
export function createLayerCache(layers: readonly CachedLayer[], makeCanvas: MakeCanvas, scale: number): LayerCache {
  const pictures = layers.map(() => new Map<number, ReturnType<MakeCanvas>>());
  let keptPixels = 0;
  const make = ([x, y, width, height]: Bounds, paint: (target: Canvas2d) => void) => {
    const [widthPx, heightPx] = [Math.ceil(width * scale), Math.ceil(height * scale)];
    if (keptPixels + widthPx * heightPx > maxKeptPixels) return undefined;
    const picture = makeCanvas(widthPx, heightPx);
    const target = picture.getContext("2d");
    if (target === null) return undefined;
    keptPixels += widthPx * heightPx;
    target.scale(scale, scale);
    target.translate(-x, -y);
    paint(target);
    return picture;
  };
  return {
    draw(n, context, breath, paint) {
      const layer = layers[n];
      const kept = pictures[n];
      if (layer === undefined || kept === undefined || layer.kind === "live") return false;
      const key = layer.kind === "breath" ? breath : 0;
      const picture = kept.get(key) ?? make(layer.bounds, paint);
      if (picture === undefined) return false;
      kept.set(key, picture);
      const [x, y, width, height] = layer.bounds;
      context.drawImage(picture, x, y, Math.ceil(width * scale) / scale, Math.ceil(height * scale) / scale);
      return true;
    },
  };
}
