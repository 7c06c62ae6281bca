import { type Series, seriesStepMs } from "./series.ts";

export interface Correlation {
  /** How much later the second series is, in milliseconds, between the grid's steps. */
  readonly lagMs: number;
  /** Pearson's r at that lag. */
  readonly peak: number;
  /** Highest r of another peak, at least `apartMs` away. */
  readonly nextPeak: number;
}

const apartMs = 100;
const minOverlap = 100;

/** Finds the lag of `second` behind `first` within +-`maxLagMs` by normalised cross-correlation and a parabola through its peak. */
export function correlate(first: Series, second: Series, maxLagMs: number): Correlation {
  // Both grids have the same step; what is left of their distance after whole steps is added at the end.
  const distance = ((first.startS - second.startS) * 1000) / seriesStepMs;
  const whole = Math.round(distance);
  const reach = Math.ceil(maxLagMs / seriesStepMs);
  const curve: number[] = [];
  for (let lag = -reach; lag <= reach; lag++) curve.push(pearson(first.values, second.values, whole + lag));
  const best = curve.indexOf(Math.max(...curve));
  const apart = apartMs / seriesStepMs;
  const others = curve.filter((r, n) => Math.abs(n - best) >= apart && r >= (curve[n - 1] ?? -1) && r >= (curve[n + 1] ?? -1));
  const [left, peak, right] = [curve[best - 1] ?? -1, curve[best] ?? 0, curve[best + 1] ?? -1];
  const bend = left - 2 * peak + right;
  const fraction = best > 0 && best < curve.length - 1 && bend < 0 ? (0.5 * (left - right)) / bend : 0;
  return { lagMs: (best - reach + fraction + whole - distance) * seriesStepMs, peak, nextPeak: Math.max(0, ...others) };
}

/** r of first[n] and second[n + shift] over their overlap. */
function pearson(first: Float64Array, second: Float64Array, shift: number): number {
  const from = Math.max(0, -shift);
  const to = Math.min(first.length, second.length - shift);
  const count = to - from;
  if (count < minOverlap) return 0;
  let [sumA, sumB, sumAa, sumBb, sumAb] = [0, 0, 0, 0, 0];
  for (let n = from; n < to; n++) {
    const [a, b] = [first[n] as number, second[n + shift] as number];
    sumA += a;
    sumB += b;
    sumAa += a * a;
    sumBb += b * b;
    sumAb += a * b;
  }
  const spread = Math.sqrt((sumAa - (sumA * sumA) / count) * (sumBb - (sumB * sumB) / count));
  return spread > 0 ? (sumAb - (sumA * sumB) / count) / spread : 0;
}
