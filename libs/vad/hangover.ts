/** Speech that sounds so complete ends after so much silence. */
export interface HangoverPoint {
  /** 0..1 */
  readonly completeness: number;
  readonly silenceMs: number;
}

/**
 * The silence that ends speech which sounds so complete, in milliseconds: in proportion between two points, that of the last one beyond it.
 * @param completeness 0..1
 * @param points ascending in completeness
 * @returns infinite below the first point
 */
export function hangoverFor(completeness: number, points: readonly HangoverPoint[]): number {
  const above = points.findIndex((point) => point.completeness > completeness);
  const low = points.at(above < 0 ? -1 : above - 1);
  if (above === 0 || low === undefined) return Number.POSITIVE_INFINITY;
  const high = points[above] ?? low;
  const span = high.completeness - low.completeness;
  const share = span > 0 ? (completeness - low.completeness) / span : 0;
  return low.silenceMs + share * (high.silenceMs - low.silenceMs);
}
