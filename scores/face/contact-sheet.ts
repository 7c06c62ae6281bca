import { writeFile } from "node:fs/promises";
import { createCanvas } from "@napi-rs/canvas";
import { type AvatarAsset, createVectorRenderer } from "@troupe/avatar";
import type { FacePose } from "./mouth-camera.ts";

/** One picture of a sheet. */
export interface SheetPicture {
  readonly pose: FacePose;
  /** What is said and what was measured. */
  readonly caption: string;
}

const columns = 8;
const cellPx = 150;
const captionPx = 30;
/** The part of the face that is shown, as shares of the avatar's size. */
const crop = { left: 0.3, top: 0.36, side: 0.4 };

/** Mouths in their real colours, each with its caption, as a PNG for people to look at. */
export async function writeContactSheet(path: string, asset: AvatarAsset, pictures: readonly SheetPicture[]): Promise<void> {
  const renderer = createVectorRenderer(asset);
  const sheet = createCanvas(columns * cellPx, Math.ceil(pictures.length / columns) * (cellPx + captionPx));
  const context = sheet.getContext("2d");
  context.fillStyle = "#20262b";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.font = "11px sans-serif";
  const scale = cellPx / (crop.side * asset.size.width);
  for (const [n, { pose, caption }] of pictures.entries()) {
    const cell = createCanvas(cellPx, cellPx);
    const cellContext = cell.getContext("2d");
    cellContext.setTransform(scale, 0, 0, scale, -crop.left * asset.size.width * scale, -crop.top * asset.size.height * scale);
    renderer.draw(cellContext, { weights: Float32Array.from(pose.weights), head: pose.head, breath: 0 });
    const [x, y] = [(n % columns) * cellPx, Math.floor(n / columns) * (cellPx + captionPx)];
    context.drawImage(cell, x, y);
    context.fillStyle = "#e8e4dc";
    for (const [line, text] of caption.split("\n").entries()) context.fillText(text, x + 4, y + cellPx + 12 + 13 * line);
  }
  await writeFile(path, sheet.toBuffer("image/png"));
}
