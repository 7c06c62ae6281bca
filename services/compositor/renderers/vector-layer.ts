import { type AssetPath, PathOp, parseAssetPath } from "./asset-path.ts";
import type { AvatarAsset, AvatarShape } from "./avatar-asset.ts";
import { breathInput, type Driver, driverValue, parseDriver } from "./driver.ts";
import type { VectorPaint } from "./vector-paint.ts";

/** What a layer's picture depends on; decides whether it can be kept. */
export type LayerKind = "static" | "breath" | "live";

export interface VectorShape {
  readonly path: AssetPath;
  readonly fill: VectorPaint | undefined;
  readonly stroke: VectorPaint | undefined;
  readonly strokeWidthPx: number;
  readonly clip: AssetPath | undefined;
  /** 0..1 for these inputs. */
  opacity(inputs: Float32Array): number;
}

export interface VectorLayer {
  readonly name: string;
  readonly kind: LayerKind;
  readonly shapes: readonly VectorShape[];
  /** Design pixels that the layer can touch: x, y, width, height; whole pixels. Meaningful unless live. */
  readonly bounds: readonly [number, number, number, number];
}

/** Room for strokes and the breath around a layer's points. */
const marginPx = 16;

/** Compiles the layers of a checked asset. */
export function compileLayers(asset: AvatarAsset, paints: ReadonlyMap<string, VectorPaint>): VectorLayer[] {
  const pointCount = asset.points.length / 4;
  const clips = new Map(Object.entries(asset.clips).map(([name, text]) => [name, compilePath(text, pointCount)]));
  const kinds = pointKinds(asset);
  return asset.layers.map((layer) => {
    const shapes = layer.shapes.map((shape) => compileShape(shape, pointCount, paints, clips));
    return { name: layer.name, kind: layerKind(layer.shapes, shapes, asset, kinds), shapes, bounds: layerBounds(shapes, asset) };
  });
}

function compilePath(text: string, pointCount: number): AssetPath {
  const result = parseAssetPath(text, pointCount);
  if (!result.ok) throw new TypeError(`unchecked asset: ${result.problem}`);
  return result.path;
}

function compileShape(
  shape: AvatarShape,
  pointCount: number,
  paints: ReadonlyMap<string, VectorPaint>,
  clips: ReadonlyMap<string, AssetPath>,
): VectorShape {
  const base = shape.opacity ?? 1;
  const gains = Object.entries(shape.opacityBy ?? {}).map(([name, gain]): [Driver, number] => [parseDriver(name) ?? [], gain]);
  return {
    path: compilePath(shape.path, pointCount),
    fill: shape.fill === undefined ? undefined : paints.get(shape.fill),
    stroke: shape.stroke === undefined ? undefined : paints.get(shape.stroke.paint),
    strokeWidthPx: shape.stroke?.widthPx ?? 0,
    clip: shape.clip === undefined ? undefined : clips.get(shape.clip),
    opacity(inputs) {
      if (gains.length === 0) return base;
      let sum = base;
      for (const [driver, gain] of gains) sum += gain * driverValue(driver, inputs);
      return Math.max(0, Math.min(1, sum));
    },
  };
}

/** Per point: 0 never moves, 1 moves with the breath only, 2 moves with face or head. */
function pointKinds(asset: AvatarAsset): Uint8Array {
  const kinds = new Uint8Array(asset.points.length / 4);
  for (const [name, list] of Object.entries(asset.offsets)) {
    const driver = parseDriver(name) ?? [];
    const kind = driver.every((input) => input === breathInput) ? 1 : 2;
    for (let n = 0; n < list.length; n += 3) kinds[list[n] as number] = Math.max(kinds[list[n] as number] as number, kind);
  }
  for (let p = 0; p < kinds.length; p++) if (asset.points[4 * p + 3] !== 0) kinds[p] = 2;
  return kinds;
}

function layerKind(
  shapes: readonly AvatarShape[],
  compiled: readonly VectorShape[],
  asset: AvatarAsset,
  kinds: Uint8Array,
): LayerKind {
  let most = 0;
  const see = (point: number) => {
    most = Math.max(most, kinds[point] as number);
  };
  compiled.forEach((shape, n) => {
    shape.path.points.forEach(see);
    shape.clip?.points.forEach(see);
    for (const name of [shapes[n]?.fill, shapes[n]?.stroke?.paint]) {
      const paint = name === undefined ? undefined : asset.paints[name];
      if (paint !== undefined && typeof paint !== "string" && paint.at !== undefined) see(paint.at);
    }
    if (shapes[n]?.opacityBy !== undefined) most = 2;
  });
  return most === 0 ? "static" : most === 1 ? "breath" : "live";
}

/** A Bezier curve lies within the hull of its points, so the points bound the layer. */
function layerBounds(shapes: readonly VectorShape[], asset: AvatarAsset): VectorLayer["bounds"] {
  const { width, height } = asset.size;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const { path } of shapes) {
    for (const point of path.points) {
      const [x, y] = [asset.points[4 * point] as number, asset.points[4 * point + 1] as number];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  left = Math.max(0, Math.floor(left - marginPx));
  top = Math.max(0, Math.floor(top - marginPx));
  return [left, top, Math.max(1, Math.min(width, Math.ceil(right + marginPx)) - left), Math.max(1, Math.min(height, Math.ceil(bottom + marginPx)) - top)];
}

/** Adds the path to the context's current path, with points at `xy`. */
export function tracePath(
  context: {
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void;
    closePath(): void;
  },
  path: AssetPath,
  xy: Float32Array,
): void {
  const { ops, points } = path;
  let at = 0;
  const x = (offset: number) => xy[2 * (points[at + offset] as number)] as number;
  const y = (offset: number) => xy[2 * (points[at + offset] as number) + 1] as number;
  for (let n = 0; n < ops.length; n++) {
    switch (ops[n]) {
      case PathOp.MOVE:
        context.moveTo(x(0), y(0));
        at += 1;
        break;
      case PathOp.LINE:
        context.lineTo(x(0), y(0));
        at += 1;
        break;
      case PathOp.CURVE:
        context.bezierCurveTo(x(0), y(0), x(1), y(1), x(2), y(2));
        at += 3;
        break;
      default:
        context.closePath();
    }
  }
}
