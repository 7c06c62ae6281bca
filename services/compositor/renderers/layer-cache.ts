import type { Canvas2d } from "./canvas-2d.ts";
import type { LayerKind } from "./vector-layer.ts";

/** Makes an offscreen canvas of the runtime: `createCanvas` of @napi-rs/canvas, or an OffscreenCanvas in a browser. */
export type MakeCanvas = (widthPx: number, heightPx: number) => { getContext(kind: "2d"): Canvas2d | null };

export interface CachedLayer {
  readonly kind: LayerKind;
  /** Design pixels that the layer can touch, in any pose: x, y, width, height. */
  readonly bounds: readonly [number, number, number, number];
}

export interface LayerCache {
  /** Draws layer n from its kept picture, which `paint` fills at first; false where the layer must be painted each time. */
  draw(n: number, context: Canvas2d, breath: number, paint: (target: Canvas2d) => void): boolean;
}

const breathSteps = 24;

/** The breath as kept pictures show it: they exist for a few phases only, and the rest of the figure must move along. */
export function keptBreath(breath: number): number {
  return Math.round(Math.max(0, Math.min(1, breath || 0)) * breathSteps) / breathSteps;
}

/** Keeps pictures of layers that the face and head do not move; at most one per layer and step of the breath. */
export function createLayerCache(layers: readonly CachedLayer[], makeCanvas: MakeCanvas, scale: number): LayerCache {
  const pictures = layers.map(() => new Map<number, ReturnType<MakeCanvas>>());
  return {
    draw(n, context, breath, paint) {
      const layer = layers[n];
      if (layer === undefined || layer.kind === "live") return false;
      const key = layer.kind === "static" ? 0 : breath;
      const [x, y, width, height] = layer.bounds;
      let picture = pictures[n]?.get(key);
      if (picture === undefined) {
        picture = makeCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
        const target = picture.getContext("2d");
        if (target === null) return false;
        target.scale(scale, scale);
        target.translate(-x, -y);
        paint(target);
        pictures[n]?.set(key, picture);
      }
      context.drawImage(picture, x, y, Math.ceil(width * scale) / scale, Math.ceil(height * scale) / scale);
      return true;
    },
  };
}
