/** A quantity over time, sampled every 10 ms. */
export interface Series {
  /** Time of the first value, in seconds. */
  readonly startS: number;
  readonly values: Float64Array;
}

export const seriesStepMs = 10;
const stepS = seriesStepMs / 1000;

/** Catmull-Rom interpolation of values at rising times onto the series' grid. */
export function interpolate(timesS: readonly number[], values: ArrayLike<number>): Series {
  const startS = timesS[0] ?? 0;
  const endS = timesS.at(-1) ?? 0;
  const result = new Float64Array(Math.max(0, Math.floor((endS - startS) / stepS)));
  const at = (index: number) => values[Math.max(0, Math.min(timesS.length - 1, index))] as number;
  let left = 0;
  for (let n = 0; n < result.length; n++) {
    const timeS = startS + n * stepS;
    while (left < timesS.length - 2 && (timesS[left + 1] as number) <= timeS) left++;
    const fromS = timesS[left] as number;
    const t = (timeS - fromS) / ((timesS[left + 1] as number) - fromS);
    const [a, b, c, d] = [at(left - 1), at(left), at(left + 1), at(left + 2)];
    result[n] = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }
  return { startS, values: result };
}

/** Without what is slower than about `windowMs`: the mean over a window around each value is taken away. */
export function withoutDrift(series: Series, windowMs: number): Series {
  const { values } = series;
  const half = Math.round(windowMs / seriesStepMs / 2);
  const sums = new Float64Array(values.length + 1);
  for (let n = 0; n < values.length; n++) sums[n + 1] = (sums[n] as number) + (values[n] as number);
  const result = values.map((value, n) => {
    const from = Math.max(0, n - half);
    const to = Math.min(values.length, n + half + 1);
    return value - ((sums[to] as number) - (sums[from] as number)) / (to - from);
  });
  return { ...series, values: result };
}

/** Gaussian smoothing without delay. */
export function smooth(series: Series, sigmaMs: number): Series {
  const { values } = series;
  const sigma = sigmaMs / seriesStepMs;
  const reach = Math.ceil(3 * sigma);
  const result = values.map((_, n) => {
    let sum = 0;
    let weights = 0;
    for (let k = Math.max(0, n - reach); k <= Math.min(values.length - 1, n + reach); k++) {
      const weight = Math.exp(-0.5 * ((k - n) / sigma) ** 2);
      sum += weight * (values[k] as number);
      weights += weight;
    }
    return sum / weights;
  });
  return { ...series, values: result };
}
