/** Pixels of a made-up mouth: RGBA, 4 bytes each, row by row. */
export interface MouthPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: ArrayLike<number>;
}

/** A mouth as measured in pixels of its picture, at fractions of a pixel: an edge's pixel is covered in part. */
export interface MouthPixels {
  /** Height of the opening where it is highest, between the lips' inner edges. */
  readonly aperture: number;
  /** From corner to corner of the lips. */
  readonly width: number;
  /** Visible height of the lower lip in the middle. */
  readonly lowerLip: number;
}

const channels = { inside: 0, upperLip: 1, lowerLip: 2 } as const;
/** Columns that are averaged, so that a single edge decides nothing. */
const window = 5;

/** Measures the mouth in a picture of a made-up avatar (make-up.ts). A picture without a mouth gives zeros. */
export function measureMouth(picture: MouthPicture): MouthPixels {
  const inside = columnSums(picture, [channels.inside]);
  const lowerLip = columnSums(picture, [channels.lowerLip]);
  const all = columnSums(picture, [channels.inside, channels.upperLip, channels.lowerLip]);
  const left = all.findIndex((sum) => sum >= 0.5);
  if (left < 0) return { aperture: 0, width: 0, lowerLip: 0 };
  const right = all.findLastIndex((sum) => sum >= 0.5);
  const middle = Math.round((left + right) / 2);
  return {
    aperture: highest(inside),
    width: edge(all, left - 1) + (right - left + 1) + edge(all, right + 1),
    lowerLip: meanAround(lowerLip, middle),
  };
}

/** A column beyond the last full one counts for what it holds. */
const edge = (sums: readonly number[], column: number) => Math.min(1, sums[column] ?? 0);

function columnSums({ width, height, rgba }: MouthPicture, of: readonly number[]): number[] {
  const sums = new Array<number>(width).fill(0);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const channel of of) sums[x] = (sums[x] as number) + (rgba[4 * (y * width + x) + channel] as number) / 255;
  return sums;
}

const meanAround = (sums: readonly number[], column: number) => {
  const near = sums.slice(Math.max(0, column - (window >> 1)), column + (window >> 1) + 1);
  return near.reduce((sum, value) => sum + value, 0) / Math.max(1, near.length);
};

const highest = (sums: readonly number[]) => Math.max(0, ...sums.map((_, column) => meanAround(sums, column)));
