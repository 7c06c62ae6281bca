/** A function sampled on a grid, for inner loops: linear interpolation inside, the end values outside. */
export interface SampledFunction {
  readonly values: Float64Array;
  readonly from: number;
  readonly stepsPerUnit: number;
}

export function sampleFunction(write: (x: number) => number, from: number, to: number, stepsPerUnit: number): SampledFunction {
  const count = Math.ceil((to - from) * stepsPerUnit) + 2;
  return { values: Float64Array.from({ length: count }, (_, index) => write(from + index / stepsPerUnit)), from, stepsPerUnit };
}

export function evaluate({ values, from, stepsPerUnit }: SampledFunction, x: number): number {
  const position = (x - from) * stepsPerUnit;
  if (!(position > 0)) return values[0] as number;
  const last = values.length - 2;
  if (position >= last) return values[last] as number;
  const index = position | 0;
  const low = values[index] as number;
  return low + ((values[index + 1] as number) - low) * (position - index);
}
