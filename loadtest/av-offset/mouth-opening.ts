import { findMouth } from "./mouth-region.ts";
import type { PictureGrid } from "./picture-grid.ts";

/** This share of the pictures, those in which the mouth moves least, shows it at rest. */
const restShare = 0.15;

export interface MouthOpening {
  /** Centre of the mouth, as shares of the picture's width and height. */
  readonly centre: { readonly x: number; readonly y: number };
  /** For each picture: mean difference of brightness between the mouth and the mouth at rest. */
  readonly opening: Float64Array;
}

/**
 * How far the mouth is from its looks at rest: closed lips are near to it, the dark of the mouth, teeth and moved lips are far. Knows
 * nothing of the avatar but its pixels.
 */
export function measureMouth(grid: PictureGrid): MouthOpening {
  const mouth = findMouth(grid);
  const rest = restOf(grid, mouth);
  const opening = Float64Array.from(grid.cells, (picture) => {
    let sum = 0;
    for (const [n, cell] of mouth.entries()) sum += Math.abs((picture[cell] as number) - (rest[n] as number));
    return sum / mouth.length;
  });
  const mean = (of: (cell: number) => number) => mouth.reduce((sum, cell) => sum + of(cell), 0) / mouth.length;
  const x = (mean((cell) => cell % grid.columns) + 0.5) / grid.columns;
  const y = (mean((cell) => Math.floor(cell / grid.columns)) + 0.5) / grid.rows;
  return { centre: { x, y }, opening };
}

/** Median brightness of each cell over the pictures in which the mouth stands still. */
function restOf({ cells }: PictureGrid, mouth: readonly number[]): number[] {
  const motion = cells.map((picture, n) => {
    const [before, after] = [cells[n - 1] ?? picture, cells[n + 1] ?? picture];
    return mouth.reduce((sum, cell) => sum + Math.abs((after[cell] as number) - (before[cell] as number)), 0);
  });
  const order = motion.map((_, n) => n).toSorted((a, b) => (motion[a] as number) - (motion[b] as number));
  const still = order.slice(0, Math.max(1, Math.floor(restShare * order.length))).map((n) => cells[n] as Uint8Array);
  return mouth.map((cell) => {
    const values = still.map((picture) => picture[cell] as number).toSorted((a, b) => a - b);
    return values[Math.floor(values.length / 2)] as number;
  });
}
