import { EncodedVideoChunk, VideoDecoder, type VideoFrame } from "@napi-rs/webcodecs";
import { ServiceError } from "@troupe/errors";
import type { VideoUnits } from "./media-file.ts";

/** Pictures as coarse grids of brightness. */
export interface PictureGrid {
  readonly columns: number;
  readonly rows: number;
  /** When each picture is first shown, in seconds. */
  readonly timesS: readonly number[];
  /** One brightness (0..255) for each cell, row by row, for each picture. */
  readonly cells: readonly Uint8Array[];
}

/** Cells along the shorter side. */
const gridCells = 128;
const maxQueued = 8;

/** Decodes pictures and keeps the mean brightness of each cell. @throws ServiceError BACKEND_FAILED */
export async function decodePictures({ config, units }: VideoUnits): Promise<PictureGrid> {
  const width = config.codedWidth ?? 0;
  const height = config.codedHeight ?? 0;
  const cellPx = Math.max(1, Math.floor(Math.min(width, height) / gridCells));
  const [columns, rows] = [Math.floor(width / cellPx), Math.floor(height / cellPx)];
  const pictures: { readonly timeS: number; readonly cells: Uint8Array }[] = [];
  const copies: Promise<void>[] = [];
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const take = async (frame: VideoFrame) => {
    const pixels = new Uint8Array(frame.allocationSize());
    const [luma] = await frame.copyTo(pixels);
    pictures.push({ timeS: frame.timestamp / 1e6, cells: shrink(pixels, luma?.stride ?? width, cellPx, columns, rows) });
    frame.close();
  };
  const decoder = new VideoDecoder({
    output: (frame) => copies.push(take(frame)),
    error: (cause) => failed.reject(new ServiceError("BACKEND_FAILED", "the picture could not be decoded", { cause })),
  });
  try {
    decoder.configure(config as Parameters<VideoDecoder["configure"]>[0]);
    for (const { ptsUs: timestamp, durationUs: duration, keyframe, data } of units) {
      decoder.decode(new EncodedVideoChunk({ type: keyframe ? "key" : "delta", timestamp, duration, data }));
      while (decoder.decodeQueueSize > maxQueued) await Promise.race([failed.promise, new Promise((resolve) => setImmediate(resolve))]);
    }
    await Promise.race([failed.promise, decoder.flush()]);
    await Promise.all(copies);
  } finally {
    if (decoder.state !== "closed") decoder.close();
  }
  pictures.sort((a, b) => a.timeS - b.timeS);
  return { columns, rows, timesS: pictures.map(({ timeS }) => timeS), cells: pictures.map(({ cells }) => cells) };
}

/** The luma plane comes first in every planar 4:2:0 layout. */
function shrink(luma: Uint8Array, stride: number, cellPx: number, columns: number, rows: number): Uint8Array {
  const cells = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * cellPx; y < (row + 1) * cellPx; y++)
        for (let x = column * cellPx; x < (column + 1) * cellPx; x++) sum += luma[y * stride + x] as number;
      cells[row * columns + column] = Math.round(sum / (cellPx * cellPx));
    }
  return cells;
}
