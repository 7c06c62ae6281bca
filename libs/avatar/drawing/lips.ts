import { type Curve, smooth } from "./curve.ts";
import { type Contour, lipFields } from "./lip-muscles.ts";
import type { Sheet } from "./sheet.ts";
import type { Offset, Vertex } from "./vertex.ts";

/** Where a mouth is and how its lips are shaped. u runs from -1, the picture's left corner, to 1. */
export interface LipShape {
  readonly cx: number;
  readonly halfWidth: number;
  /** y of the closed mouth's line. */
  seam(u: number): number;
  /** Height of an outer contour over the seam; up is negative. */
  upper(u: number): number;
  lower(u: number): number;
  z(x: number, y: number): number;
}

export interface Lips {
  readonly upperOuter: Curve;
  readonly lowerOuter: Curve;
  readonly upperInner: Curve;
  readonly lowerInner: Curve;
  /** A point of the lower lip's inner edge, as it moves. */
  edge(u: number): Vertex;
}

const innerStations = [-0.72, -0.4, -0.13, 0.13, 0.4, 0.72];
const upperStations = [-0.8, -0.5, -0.2, 0, 0.2, 0.5, 0.8];
const lowerStations = [-0.82, -0.5, -0.17, 0.17, 0.5, 0.82];

/** The four contours of a mouth. The inner ones lie on each other at rest and share their ends, the corners, with the outer ones. */
export function createLips(shape: LipShape): Lips {
  const fields = Object.entries(lipFields(shape.halfWidth));
  const at = (contour: Contour, u: number): Vertex => {
    const x = shape.cx + u * shape.halfWidth;
    const rise = contour === "upperOuter" ? shape.upper(u) : contour === "lowerOuter" ? shape.lower(u) : 0;
    const y = shape.seam(u) + rise;
    const offsets = new Map(fields.map(([driver, field]): [string, Offset] => [driver, field(contour, u)]));
    return { x, y, z: shape.z(x, y) + (contour.endsWith("Outer") ? 0 : 2), follow: 1, offsets };
  };
  const [left, right] = [at("lowerInner", -1), at("lowerInner", 1)];
  const run = (contour: Contour, stations: readonly number[]) =>
    smooth([left, ...stations.map((u) => at(contour, u)), right], { measure: contour.endsWith("Inner") ? "x" : "length" });
  return {
    upperOuter: run("upperOuter", upperStations),
    lowerOuter: run("lowerOuter", lowerStations),
    upperInner: run("upperInner", innerStations),
    lowerInner: run("lowerInner", innerStations),
    edge: (u) => at("lowerInner", u),
  };
}

/** Keeps the lower of two curves with the same stations from rising over the upper one; both give way alike. */
export function keepApart(sheet: Sheet, upper: Curve, lower: Curve): void {
  const below = lower.segments.flat();
  upper.segments.flat().forEach((above, n) => {
    const vertex = below[n] as Vertex;
    if (above !== vertex) sheet.order(above, vertex, 0, 0.5);
  });
}
