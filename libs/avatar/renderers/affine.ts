/** a, b, c, d, e, f as Canvas2D's transform takes them. */
export type Affine = readonly [number, number, number, number, number, number];

/**
 * The affine map that takes three points (indices into x, y lists) from one list to the other. The three must not lie on a line
 * in `from`.
 */
export function affineOf([p, q, r]: readonly [number, number, number], from: Float32Array, to: Float32Array): Affine {
  const at = (list: Float32Array, point: number): [number, number] => [list[2 * point] as number, list[2 * point + 1] as number];
  const [[px, py], [qx, qy], [rx, ry]] = [at(from, p), at(from, q), at(from, r)];
  const [[ux, uy], [vx, vy], [wx, wy]] = [at(to, p), at(to, q), at(to, r)];
  const area = (qx - px) * (ry - py) - (rx - px) * (qy - py);
  const a = ((vx - ux) * (ry - py) - (wx - ux) * (qy - py)) / area;
  const c = ((wx - ux) * (qx - px) - (vx - ux) * (rx - px)) / area;
  const b = ((vy - uy) * (ry - py) - (wy - uy) * (qy - py)) / area;
  const d = ((wy - uy) * (qx - px) - (vy - uy) * (rx - px)) / area;
  return [a, b, c, d, ux - a * px - c * py, uy - b * px - d * py];
}
