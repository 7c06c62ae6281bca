/** Where a part of the mouth may be at one moment. */
export interface Window {
  readonly low: number;
  readonly high: number;
  /** How much it insists, 0..1; 0 leaves the part free. */
  readonly weight: number;
}

export interface PathOptions {
  /** How slowly the part moves: over about this time it bends from one window to the next. */
  readonly inertiaUs: number;
  /** Between neighbouring values. */
  readonly stepUs: number;
  /** The last two values before the path; they are not changed. */
  readonly before: readonly [number, number];
}

const rounds = 6;
/** Nobody sees less. */
const settled = 1e-4;

/**
 * The path with the least acceleration through windows in time: phones prescribe ranges, not points, and the way between them is the
 * cheapest (Keating, "The window model of coarticulation", 1990). Minimises the mean of weight (distance to the window)^2 +
 * inertia^4 (x'')^2: outside its window a value is drawn to the nearest bound, a few times in turn, by a least-squares solution each.
 * Far ends are free, so what is not known yet does not pull.
 */
export function pathThrough(windows: readonly Window[], { inertiaUs, stepUs, before }: PathOptions): number[] {
  const stiffness = (inertiaUs / stepUs) ** 4;
  let targets = windows.map(({ low, high }) => clamp(before[1], low, high));
  let path = solve(windows, targets, stiffness, before);
  for (let round = 1; round < rounds; round++) {
    const nearest = windows.map(({ low, high }, n) => clamp(path[n] as number, low, high));
    if (nearest.every((value, n) => Math.abs(value - (targets[n] as number)) < settled)) break;
    targets = nearest;
    path = solve(windows, targets, stiffness, before);
  }
  return path;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/** A weight that keeps the equations solvable where nothing is prescribed: free parts keep their course. */
const leastWeight = 1e-3;

/** Normal equations of the least squares: symmetric with two diagonals beside the main one; solved by their LDL' factors. */
function solve(windows: readonly Window[], targets: readonly number[], stiffness: number, before: readonly [number, number]): number[] {
  const count = windows.length;
  const main = windows.map(({ weight }) => Math.max(leastWeight, weight));
  const right = targets.map((target, n) => (main[n] as number) * target);
  const near = new Float64Array(count);
  const far = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    // One row of second differences: x[n-2] - 2 x[n-1] + x[n].
    add(main, n, stiffness);
    if (n >= 1) {
      add(main, n - 1, 4 * stiffness);
      add(near, n - 1, -2 * stiffness);
    }
    if (n >= 2) {
      add(main, n - 2, stiffness);
      add(near, n - 2, -2 * stiffness);
      add(far, n - 2, stiffness);
    }
  }
  const [last2, last1] = before;
  add(right, 0, stiffness * (2 * last1 - last2));
  if (count > 1) {
    // The second row reaches back to the last known value.
    add(right, 0, 2 * stiffness * last1);
    add(right, 1, -stiffness * last1);
  }
  return solveBanded(main, near, far, right);
}

function solveBanded(main: number[], near: Float64Array, far: Float64Array, right: number[]): number[] {
  const count = main.length;
  const [lower1, lower2] = [new Float64Array(count), new Float64Array(count)];
  for (let n = 0; n < count; n++) {
    const [first, second] = [near[n] as number, far[n] as number];
    const pivot = main[n] as number;
    lower1[n] = first / pivot;
    lower2[n] = second / pivot;
    if (n + 1 < count) {
      add(main, n + 1, -first * (lower1[n] as number));
      add(near, n + 1, -first * (lower2[n] as number));
      add(right, n + 1, -(lower1[n] as number) * (right[n] as number));
    }
    if (n + 2 < count) {
      add(main, n + 2, -second * (lower2[n] as number));
      add(right, n + 2, -(lower2[n] as number) * (right[n] as number));
    }
  }
  const solution = new Array<number>(count).fill(0);
  for (let n = count - 1; n >= 0; n--) {
    solution[n] =
      (right[n] as number) / (main[n] as number) -
      (lower1[n] as number) * (solution[n + 1] ?? 0) -
      (lower2[n] as number) * (solution[n + 2] ?? 0);
  }
  return solution;
}

function add(list: number[] | Float64Array, index: number, value: number): void {
  list[index] = (list[index] as number) + value;
}
