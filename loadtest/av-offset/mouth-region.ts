import type { PictureGrid } from "./picture-grid.ts";

/** Where a mouth can be: not in the label's corner or the captions' edge. Shares of the picture's height and width. */
const searchTop = 0.3;
const searchBottom = 0.74;
const searchLeft = 0.2;
const searchRight = 0.8;
/** One change counts at most this much, so that a blink or a cut is not taken for speech. */
const maxChange = 10;
/** About a mouth's size, as a share of the picture's shorter side. */
const windowShare = { width: 0.12, height: 0.06 };
/** Cells that move at least this share of what the busiest moves belong to the mouth. */
const mouthShare = 0.35;

/** The cells of the mouth, as indices into the grid: the part of the lower face that changes most steadily. */
export function findMouth(grid: PictureGrid): number[] {
  const activity = smoothed(activityOf(grid), grid);
  const { columns, rows } = grid;
  let busiest = -1;
  for (let row = Math.floor(searchTop * rows); row < searchBottom * rows; row++)
    for (let column = Math.floor(searchLeft * columns); column < searchRight * columns; column++) {
      const cell = row * columns + column;
      if (busiest < 0 || (activity[cell] as number) > (activity[busiest] as number)) busiest = cell;
    }
  return connected(activity, busiest, grid);
}

/** Mean brightness change from picture to picture, each capped. */
function activityOf({ columns, rows, cells }: PictureGrid): Float64Array {
  const activity = new Float64Array(columns * rows);
  for (let n = 1; n < cells.length; n++) {
    const [before, now] = [cells[n - 1] as Uint8Array, cells[n] as Uint8Array];
    for (let cell = 0; cell < activity.length; cell++)
      activity[cell] = (activity[cell] as number) + Math.min(maxChange, Math.abs((now[cell] as number) - (before[cell] as number)));
  }
  return activity;
}

function smoothed(activity: Float64Array, { columns, rows }: PictureGrid): Float64Array {
  const side = Math.min(columns, rows);
  const [reachX, reachY] = [Math.round((windowShare.width * side) / 2), Math.round((windowShare.height * side) / 2)];
  const across = new Float64Array(activity.length);
  const result = new Float64Array(activity.length);
  for (let row = 0; row < rows; row++)
    for (let column = reachX; column < columns - reachX; column++)
      for (let k = -reachX; k <= reachX; k++)
        across[row * columns + column] = (across[row * columns + column] as number) + (activity[row * columns + column + k] as number);
  for (let row = reachY; row < rows - reachY; row++)
    for (let column = 0; column < columns; column++)
      for (let k = -reachY; k <= reachY; k++)
        result[row * columns + column] = (result[row * columns + column] as number) + (across[(row + k) * columns + column] as number);
  return result;
}

function connected(activity: Float64Array, start: number, { columns, rows }: PictureGrid): number[] {
  const least = mouthShare * (activity[start] as number);
  const found = new Set([start]);
  for (const cell of found) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    const near = [
      column > 0 ? cell - 1 : -1,
      column < columns - 1 ? cell + 1 : -1,
      row > searchTop * rows ? cell - columns : -1,
      row < searchBottom * rows ? cell + columns : -1,
    ];
    for (const next of near) if (next >= 0 && (activity[next] as number) >= least) found.add(next);
  }
  return [...found];
}
