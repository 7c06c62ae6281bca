import { createCanvas } from "@napi-rs/canvas";
import { type AvatarAsset, createVectorRenderer, poseOf, previewPoses } from "@troupe/avatar";

const columns = 4;
const captionPx = 22;

/** A contact sheet of an avatar as a PNG: one picture of `cellPx` width per preview pose, with its label. Node only. */
export function renderPreviewSheet(asset: AvatarAsset, cellPx = 256): Uint8Array {
  const scale = cellPx / asset.size.width;
  const cellHeightPx = Math.round(asset.size.height * scale) + captionPx;
  const sheet = createCanvas(columns * cellPx, Math.ceil(previewPoses.length / columns) * cellHeightPx);
  const context = sheet.getContext("2d");
  const renderer = createVectorRenderer(asset, { createCanvas, scale });
  context.fillStyle = "#20262b";
  context.fillRect(0, 0, sheet.width, sheet.height);
  previewPoses.forEach((preview, n) => {
    const [x, y] = [(n % columns) * cellPx, Math.floor(n / columns) * cellHeightPx];
    const cell = createCanvas(cellPx, cellHeightPx - captionPx);
    const cellContext = cell.getContext("2d");
    cellContext.scale(scale, scale);
    renderer.draw(cellContext, poseOf(preview));
    context.drawImage(cell, x, y, cell.width, cell.height);
    context.fillStyle = "#e8e4dc";
    context.font = "14px sans-serif";
    context.fillText(preview.label, x + 8, y + cellHeightPx - 6);
  });
  return sheet.toBuffer("image/png");
}
