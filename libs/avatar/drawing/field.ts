/** 0 below `from`, 1 above `to`, smooth between; `from` may be above `to`. */
export function ramp(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** 1 at the centre of an ellipse, falling smoothly to 0 at its edge. */
export function bump(x: number, y: number, centreX: number, centreY: number, radiusX: number, radiusY: number): number {
  return ramp(1, 0, Math.hypot((x - centreX) / radiusX, (y - centreY) / radiusY));
}

/** Repeatable numbers 0..1 for irregular detail (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
