import type { AssetPath } from "./asset-path.ts";
import type { AvatarAsset } from "./avatar-asset.ts";
import { type Bounds, type LayerKind, layerBounds, layerKind, pointMotion } from "./layer-kind.ts";
import { compilePaint } from "./vector-paint.ts";
import { compilePath, compileShape, type VectorShape } from "./vector-shape.ts";

/** A layer of a checked asset, ready to be drawn. */
export interface VectorLayer {
  readonly kind: LayerKind;
  readonly clip: AssetPath | undefined;
  /** Of a carried layer: the points whose affine map carries its picture. */
  readonly carriedBy: readonly [number, number, number] | undefined;
  readonly shapes: readonly VectorShape[];
  /** Where its picture lies, if it is kept. */
  readonly bounds: Bounds;
}

export function compileLayers(asset: AvatarAsset): VectorLayer[] {
  const pointCount = asset.points.length / 4;
  const paints = new Map(Object.entries(asset.paints).map(([name, paint]) => [name, compilePaint(paint)]));
  const clips = new Map(Object.entries(asset.clips).map(([name, text]) => [name, compilePath(text, pointCount)]));
  const motions = pointMotion(asset);
  return asset.layers.map((layer) => {
    const shapes = layer.shapes.map((shape) => compileShape(shape, { pointCount, paints, clips }));
    const kind = layerKind(layer, shapes, asset, motions);
    return {
      kind,
      clip: layer.clip === undefined ? undefined : clips.get(layer.clip),
      carriedBy: layer.carriedBy,
      shapes,
      bounds: layerBounds(shapes, kind, asset),
    };
  });
}
