/** Bounds of an avatar asset. They keep a hostile file from costing more than a bad picture. */
export const avatarLimits = {
  textBytes: 4 << 20,
  sidePx: 2048,
  points: 16_384,
  /** (point, dx, dy) triples over all drivers. */
  offsets: 131_072,
  drivers: 256,
  paints: 512,
  stopsPerPaint: 16,
  clips: 64,
  layers: 64,
  shapesPerLayer: 256,
  pathCharacters: 65_536,
  orders: 1024,
  /** Largest absolute coordinate, offset or depth, in design pixels. */
  coordinatePx: 8192,
} as const;
