/** Level of a sound over time, one value a millisecond, in dB; never under the floor. */
export type LevelTrack = Float64Array;

const floorDb = -65;
const windowMs = 8;

/** "all": as it is; "speech": without what hums below some hundred Hz; "hiss": what is left above about 4 kHz. By differences of samples. */
export type Band = "all" | "speech" | "hiss";

export function trackLevel(samples: Float32Array, sampleRateHz: number, band: Band): LevelTrack {
  const filtered = differences(samples, { all: 0, speech: 1, hiss: 3 }[band]);
  const perMs = sampleRateHz / 1000;
  const squares = new Float64Array(filtered.length + 1);
  for (const [n, x] of filtered.entries()) squares[n + 1] = (squares[n] as number) + x * x;
  const half = (windowMs * perMs) / 2;
  return Float64Array.from({ length: Math.floor(samples.length / perMs) }, (_, ms) => {
    const from = Math.max(0, Math.round(ms * perMs - half));
    const to = Math.min(filtered.length, Math.round(ms * perMs + half));
    const energy = ((squares[to] as number) - (squares[from] as number)) / Math.max(1, to - from);
    return Math.max(floorDb, 10 * Math.log10(energy + 1e-12));
  });
}

function differences(samples: Float32Array, order: number): Float32Array {
  let current = samples;
  for (let round = 0; round < order; round++) {
    const before = current;
    current = before.map((x, n) => x - (before[n - 1] ?? 0));
  }
  return current;
}

export interface Step {
  readonly ms: number;
  /** Positive for a rise. */
  readonly db: number;
}

const sideMs = 12;

/** The greatest rise or fall of the level from the 12 ms before to the 12 ms after a moment within [from, to] ms. */
export function steepestStep(level: LevelTrack, from: number, to: number, direction: "rise" | "fall"): Step {
  let best: Step = { ms: Math.round(from), db: 0 };
  for (let ms = Math.max(sideMs, Math.ceil(from)); ms <= Math.min(level.length - sideMs, to); ms++) {
    const db = meanOf(level, ms, ms + sideMs) - meanOf(level, ms - sideMs, ms);
    if (direction === "rise" ? db > best.db : db < best.db) best = { ms, db };
  }
  return best;
}

/** Where the level falls under a threshold for good, or first rises over it, within [from, to] ms; undefined when it does neither. */
export function crossing(
  level: LevelTrack,
  thresholdDb: number,
  { from, to, direction }: { readonly from: number; readonly to: number; readonly direction: "rise" | "fall" },
): number | undefined {
  const first = Math.max(0, Math.ceil(from));
  const span = level.subarray(first, Math.max(first, Math.floor(to)));
  const loud = (db: number) => db > thresholdDb;
  const index = direction === "rise" ? span.findIndex(loud) : span.findLastIndex(loud);
  const stays = index <= 0 || index === span.length - 1;
  return stays ? undefined : first + index;
}

function meanOf(level: LevelTrack, from: number, to: number): number {
  let sum = 0;
  for (let ms = from; ms < to; ms++) sum += level[ms] as number;
  return sum / (to - from);
}
