import type { AvatarAsset } from "./avatar-asset.ts";
import { breathInput, parseDriver } from "./driver.ts";
import type { VectorShape } from "./vector-shape.ts";

/** What a layer's picture depends on; decides whether it can be kept. `carried` layers say so themselves. */
export type LayerKind = "static" | "breath" | "carried" | "live";

/** x, y, width, height in whole design pixels. */
export type Bounds = readonly [number, number, number, number];

type AssetLayer = AvatarAsset["layers"][number];

const motion = { none: 0, breath: 1, face: 2 } as const;
/** Room for strokes and the breath around a layer's points. */
const marginPx = 16;
/** Room for strokes alone. */
const carriedMarginPx = 3;
/** How far a picture that is moved reaches beyond the avatar's edges. */
export const beyondPx = 64;

/** Per point of an asset: whether it never moves, moves with the breath only, or with face or head. */
export function pointMotion(asset: AvatarAsset): Uint8Array {
  const motions = new Uint8Array(asset.points.length / 4);
  for (const [name, list] of Object.entries(asset.offsets)) {
    const driver = parseDriver(name) ?? [];
    const found = driver.every((input) => input === breathInput) ? motion.breath : motion.face;
    for (let n = 0; n < list.length; n += 3) {
      const point = list[n] as number;
      motions[point] = Math.max(motions[point] as number, found);
    }
  }
  for (let n = 0; n < asset.order.length; n += 4) {
    motions[asset.order[n] as number] = motion.face;
    motions[asset.order[n + 1] as number] = motion.face;
  }
  for (let p = 0; p < motions.length; p++) if (asset.points[4 * p + 3] !== 0) motions[p] = motion.face;
  return motions;
}

/** The kind of a layer from the points that its paths, clips and paints use. */
export function layerKind(layer: AssetLayer, shapes: readonly VectorShape[], asset: AvatarAsset, motions: Uint8Array): LayerKind {
  if (layer.carriedBy !== undefined) return "carried";
  if (layer.clip !== undefined || layer.shapes.some((shape) => shape.opacityBy !== undefined)) return "live";
  let most: number = motion.none;
  const see = (point: number | undefined) => {
    if (point !== undefined) most = Math.max(most, motions[point] as number);
  };
  for (const shape of shapes) {
    shape.path.points.forEach(see);
    shape.clip?.points.forEach(see);
  }
  for (const { fill, stroke } of layer.shapes) {
    for (const name of [fill, stroke?.paint]) {
      const paint = name === undefined ? undefined : asset.paints[name];
      if (typeof paint === "object") see(paint.at);
    }
  }
  return most === motion.none ? "static" : most === motion.breath ? "breath" : "live";
}

/** What a layer can touch. A Bezier curve lies within the hull of its points, so the points bound it. */
export function layerBounds(shapes: readonly VectorShape[], kind: LayerKind, asset: AvatarAsset): Bounds {
  const { width, height } = asset.size;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const { path } of shapes) {
    for (const point of path.points) {
      const [x, y] = [asset.points[4 * point] as number, asset.points[4 * point + 1] as number];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const beyond = kind === "carried" ? beyondPx : 0;
  const margin = kind === "carried" ? carriedMarginPx : marginPx;
  left = Math.max(-beyond, Math.floor(left - margin));
  top = Math.max(-beyond, Math.floor(top - margin));
  right = Math.min(width + beyond, Math.ceil(right + margin));
  bottom = Math.min(height + beyond, Math.ceil(bottom + margin));
  return [left, top, Math.max(1, right - left), Math.max(1, bottom - top)];
}
