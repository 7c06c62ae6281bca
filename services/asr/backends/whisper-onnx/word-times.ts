/** A span of encoder states, [start, end). */
export interface StateSpan {
  readonly start: number;
  readonly end: number;
}

/** Whisper's filter along time, in states. */
const MEDIAN_WIDTH = 7;

/**
 * Where in the sound each token was spoken: the cheapest monotonic path through the attention of the alignment
 * heads, by dynamic time warping. After OpenAI's reference code (whisper/timing.py) and Radford et al. 2022.
 * @param attention [rows][heads][states], a row per token; see Decoded
 * @param states how many of the states hold sound
 */
export function alignTokens(attention: readonly (readonly Float32Array[])[], states: number): readonly StateSpan[] {
  const rowCount = attention.length;
  if (rowCount === 0 || states === 0) return [];
  const heads = attention[0]?.length ?? 0;
  const cost = Array.from({ length: rowCount }, () => new Float64Array(states));
  for (let head = 0; head < heads; head++) {
    const rows = attention.map((row) => renormalise(row[head] as Float32Array, states));
    standardiseColumns(rows, states);
    rows.forEach((row, index) => {
      const smooth = medianFilter(row, MEDIAN_WIDTH);
      const target = cost[index] as Float64Array;
      for (let state = 0; state < states; state++) target[state] = (target[state] as number) - (smooth[state] as number) / heads;
    });
  }
  const starts = warp(cost, states);
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? states }));
}

/** The softmax over the states that hold sound only. */
function renormalise(row: Float32Array, states: number): Float64Array {
  const kept = Float64Array.from(row.subarray(0, states));
  const sum = kept.reduce((total, weight) => total + weight, 0);
  return sum > 0 ? kept.map((weight) => weight / sum) : kept;
}

function standardiseColumns(rows: readonly Float64Array[], states: number): void {
  for (let state = 0; state < states; state++) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      const weight = row[state] as number;
      sum += weight;
      squares += weight * weight;
    }
    const mean = sum / rows.length;
    const deviation = Math.sqrt(Math.max(squares / rows.length - mean * mean, 1e-20));
    for (const row of rows) row[state] = ((row[state] as number) - mean) / deviation;
  }
}

function medianFilter(row: Float64Array, width: number): Float64Array {
  const half = width >> 1;
  const last = row.length - 1;
  const window = new Float64Array(width);
  return row.map((_, centre) => {
    for (let offset = -half; offset <= half; offset++) {
      const at = Math.abs(centre + offset);
      window[offset + half] = row[Math.max(0, at > last ? 2 * last - at : at)] as number;
    }
    return window.sort()[half] as number;
  });
}

/** Dynamic time warping with the steps (1,1), (1,0) and (0,1); returns the state at which each row begins. */
function warp(cost: readonly Float64Array[], states: number): number[] {
  const total = cost.map(() => new Float64Array(states).fill(Number.POSITIVE_INFINITY));
  const at = (row: number, state: number) => total[row]?.[state] ?? Number.POSITIVE_INFINITY;
  cost.forEach((row, index) => {
    for (let state = 0; state < states; state++) {
      const before = Math.min(at(index - 1, state - 1), at(index - 1, state), at(index, state - 1));
      (total[index] as Float64Array)[state] = (row[state] as number) + (index === 0 && state === 0 ? 0 : before);
    }
  });
  const starts = new Array<number>(cost.length).fill(0);
  let row = cost.length - 1;
  let state = states - 1;
  while (row > 0) {
    const diagonal = at(row - 1, state - 1);
    const up = at(row - 1, state);
    const left = at(row, state - 1);
    if (diagonal <= up && diagonal <= left) {
      starts[row--] = state--;
    } else if (up <= left) {
      starts[row--] = state;
    } else {
      state--;
    }
  }
  return starts;
}
