import type { AvatarAsset, AvatarPaint, AvatarShape } from "../renderers/avatar-asset.ts";
import { type Curve, end } from "./curve.ts";
import type { Vertex } from "./vertex.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Stops = readonly (readonly [number, string])[];

/** A gradient in a drawing: carried along by a vertex instead of an index. */
export type Gradient =
  | { readonly linear: readonly [number, number, number, number]; readonly stops: Stops; readonly at?: Vertex }
  | {
      readonly radial: readonly [number, number, number];
      readonly scale?: readonly [number, number];
      readonly turn?: number;
      readonly stops: Stops;
      readonly at?: Vertex;
    };

export interface PaintOptions {
  readonly clip?: string;
  readonly opacity?: number;
  readonly opacityBy?: Readonly<Record<string, number>>;
}

export interface SheetLayer {
  /** Fills one or several closed curves as one path. */
  fill(curves: Curve | readonly Curve[], paint: string | Gradient, options?: PaintOptions): void;
  /** Strokes one or several open curves as one path. */
  stroke(curves: Curve | readonly Curve[], widthPx: number, paint: string | Gradient, options?: PaintOptions): void;
}

export interface SheetLayerOptions {
  readonly clip?: string;
  /** Makes the layer a picture that these three vertices carry; its own vertices do not move. */
  readonly carriedBy?: readonly [Vertex, Vertex, Vertex];
}

export type SheetHeader = Pick<AvatarAsset, "name" | "title" | "version" | "author" | "licence" | "persona" | "voices" | "size" | "head">;

/** Collects a drawing and numbers its points, paints and paths into an avatar asset. */
export interface Sheet {
  layer(name: string, options?: SheetLayerOptions): SheetLayer;
  clip(name: string, curve: Curve): void;
  /** Keeps `below` at least `gapPx` under `above`; see AvatarAsset. */
  order(above: Vertex, below: Vertex, gapPx: number, share: number): void;
  finish(): AvatarAsset;
}

const round = (value: number, digits = 2) => Number(value.toFixed(digits)) + 0;

export function createSheet(header: SheetHeader): Sheet {
  const numbers = new Map<Vertex, number>();
  const paintNames = new Map<string, string>();
  const paints: Record<string, AvatarPaint> = {};
  const clips: Record<string, string> = {};
  const order: number[] = [];
  const layers: Mutable<AvatarAsset["layers"][number]>[] = [];

  const number = (vertex: Vertex) => {
    const known = numbers.get(vertex) ?? numbers.size;
    numbers.set(vertex, known);
    return known;
  };
  const stills = new Map<Vertex, Vertex>();
  const still = (vertex: Vertex) => {
    const known = stills.get(vertex) ?? { ...vertex, z: 0, follow: 0, offsets: new Map() };
    stills.set(vertex, known);
    return known;
  };
  const pathOf = (curves: Curve | readonly Curve[], close: boolean, carried = false) =>
    [curves]
      .flat()
      .map((curve) => {
        const point = (vertex: Vertex) => number(carried ? still(vertex) : vertex);
        const segments = curve.segments.map((segment) => `C${segment.map(point).join(" ")}`);
        return `M${point(curve.start)}${segments.join("")}${close || end(curve) === curve.start ? "Z" : ""}`;
      })
      .join("");
  const paintOf = (paint: string | Gradient, carried: boolean) => {
    const { at, ...rest } = typeof paint === "string" ? { at: undefined } : paint;
    const value = typeof paint === "string" ? paint : { ...rest, ...(at !== undefined && !carried && { at: number(at) }) };
    const key = JSON.stringify(value);
    const name = paintNames.get(key) ?? `p${paintNames.size}`;
    paintNames.set(key, name);
    paints[name] = value as AvatarPaint;
    return name;
  };

  return {
    layer(name, { clip, carriedBy } = {}) {
      const shapes: AvatarShape[] = [];
      const carried = carriedBy !== undefined;
      layers.push({
        name,
        ...(clip && { clip }),
        ...(carriedBy && { carriedBy: carriedBy.map(number) as [number, number, number] }),
        shapes,
      });
      const add = (shape: Partial<Mutable<AvatarShape>> & { path: string }, options: PaintOptions) =>
        void shapes.push({ ...shape, ...options } as AvatarShape);
      return {
        fill: (curves, paint, options = {}) => add({ path: pathOf(curves, true, carried), fill: paintOf(paint, carried) }, options),
        stroke: (curves, widthPx, paint, options = {}) =>
          add({ path: pathOf(curves, false, carried), stroke: { paint: paintOf(paint, carried), widthPx } }, options),
      };
    },
    clip(name, curve) {
      clips[name] = pathOf(curve, true);
    },
    order(above, below, gapPx, share) {
      order.push(number(above), number(below), gapPx, share);
    },
    finish() {
      const vertices = [...numbers.keys()];
      return {
        format: "troupe-avatar/1",
        renderer: "vector",
        ...header,
        points: vertices.flatMap(({ x, y, z, follow }) => [round(x), round(y), round(z, 1), round(follow)]),
        offsets: collectOffsets(vertices),
        order,
        paints,
        clips,
        layers,
      } as AvatarAsset;
    },
  };
}

/** Offsets by driver, without those too small to see. */
function collectOffsets(vertices: readonly Vertex[]): Record<string, number[]> {
  const offsets: Record<string, number[]> = {};
  vertices.forEach((vertex, index) => {
    for (const [driver, [dx, dy]] of vertex.offsets) {
      if (Math.hypot(dx, dy) < 0.03) continue;
      offsets[driver] ??= [];
      offsets[driver].push(index, round(dx), round(dy));
    }
  });
  return Object.fromEntries(Object.entries(offsets).sort(([a], [b]) => (a < b ? -1 : 1)));
}
