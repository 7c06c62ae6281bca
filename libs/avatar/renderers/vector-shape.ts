import { type AssetPath, parseAssetPath } from "./asset-path.ts";
import type { AvatarShape } from "./avatar-asset.ts";
import { type Driver, driverValue, parseDriver } from "./driver.ts";
import type { VectorPaint } from "./vector-paint.ts";

/** A shape of a checked asset, ready to be drawn. */
export interface VectorShape {
  readonly path: AssetPath;
  readonly fill: VectorPaint | undefined;
  readonly stroke: VectorPaint | undefined;
  readonly strokeWidthPx: number;
  readonly clip: AssetPath | undefined;
  /** 0..1 for these inputs (driver.ts). */
  opacity(inputs: Float32Array): number;
}

/** What shapes refer to by name. */
export interface ShapeContext {
  readonly pointCount: number;
  readonly paints: ReadonlyMap<string, VectorPaint>;
  readonly clips: ReadonlyMap<string, AssetPath>;
}

export function compileShape(shape: AvatarShape, { pointCount, paints, clips }: ShapeContext): VectorShape {
  const base = shape.opacity ?? 1;
  const gains = Object.entries(shape.opacityBy ?? {}).map(([name, gain]): [Driver, number] => [parseDriver(name) ?? [], gain]);
  return {
    path: compilePath(shape.path, pointCount),
    fill: shape.fill === undefined ? undefined : paints.get(shape.fill),
    stroke: shape.stroke === undefined ? undefined : paints.get(shape.stroke.paint),
    strokeWidthPx: shape.stroke?.widthPx ?? 0,
    clip: shape.clip === undefined ? undefined : clips.get(shape.clip),
    opacity(inputs) {
      let sum = base;
      for (let n = 0; n < gains.length; n++) {
        const [driver, gain] = gains[n] as [Driver, number];
        sum += gain * driverValue(driver, inputs);
      }
      return Math.max(0, Math.min(1, sum));
    },
  };
}

/** A path of a checked asset. */
export function compilePath(text: string, pointCount: number): AssetPath {
  const result = parseAssetPath(text, pointCount);
  if (!result.ok) throw new TypeError(`unchecked asset: ${result.problem}`);
  return result.path;
}
