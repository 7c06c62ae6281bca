/** How far a driver at weight 1 moves a vertex, in design pixels. */
export type Offset = readonly [dx: number, dy: number];

/** A point of a drawing before it has an index. Compared by identity: shapes that share a vertex share a point. */
export interface Vertex {
  readonly x: number;
  readonly y: number;
  /** Towards the viewer, for parallax. */
  readonly z: number;
  /** 0..1: how much of the head's motion it takes part in. */
  readonly follow: number;
  /** By driver: a blend shape, `breath`, or several joined by `&`. */
  readonly offsets: ReadonlyMap<string, Offset>;
}

/** The weighted sum of vertices, offsets included; weights should add up to 1. */
export function blend(parts: readonly (readonly [Vertex, number])[]): Vertex {
  let [x, y, z, follow] = [0, 0, 0, 0];
  const offsets = new Map<string, Offset>();
  for (const [vertex, weight] of parts) {
    x += vertex.x * weight;
    y += vertex.y * weight;
    z += vertex.z * weight;
    follow += vertex.follow * weight;
    for (const [driver, [dx, dy]] of vertex.offsets) {
      const [sumX, sumY] = offsets.get(driver) ?? [0, 0];
      offsets.set(driver, [sumX + dx * weight, sumY + dy * weight]);
    }
  }
  return { x, y, z, follow, offsets };
}

/** The point at `share` (0..1) between two vertices. */
export function between(a: Vertex, b: Vertex, share: number): Vertex {
  return blend([
    [a, 1 - share],
    [b, share],
  ]);
}

/** A vertex that sits dx, dy away and moves along; `extra` is added to its offsets. */
export function beside(vertex: Vertex, dx: number, dy: number, extra: Readonly<Record<string, Offset>> = {}): Vertex {
  const offsets = new Map(vertex.offsets);
  for (const [driver, [x, y]] of Object.entries(extra)) {
    const [oldX, oldY] = offsets.get(driver) ?? [0, 0];
    offsets.set(driver, [oldX + x, oldY + y]);
  }
  return { ...vertex, x: vertex.x + dx, y: vertex.y + dy, offsets };
}

/** Where a vertex is placed and how it moves, as a function of place. */
export interface Surface {
  z(x: number, y: number): number;
  follow(x: number, y: number): number;
  readonly fields: Readonly<Record<string, (x: number, y: number) => Offset>>;
}

/** A vertex on a surface: depth, follow and offsets from its place. `extra` is added to the offsets. */
export function onSurface(surface: Surface, x: number, y: number, extra: Readonly<Record<string, Offset>> = {}): Vertex {
  const offsets = new Map<string, Offset>();
  for (const [driver, field] of Object.entries(surface.fields)) {
    const offset = field(x, y);
    if (offset[0] !== 0 || offset[1] !== 0) offsets.set(driver, offset);
  }
  return beside({ x, y, z: surface.z(x, y), follow: surface.follow(x, y), offsets }, 0, 0, extra);
}
