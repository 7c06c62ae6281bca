import { fileURLToPath } from "node:url";
import { loadImage } from "@napi-rs/canvas";
import { previewPoses } from "@troupe/avatar";
import { expect, it } from "vitest";
import { loadAvatar } from "./load-avatar.ts";
import { renderPreviewSheet } from "./preview-sheet.ts";

it("makes a sheet with a picture for every preview pose", async () => {
  const asset = await loadAvatar(fileURLToPath(new URL("../../../models/avatars", import.meta.url)), "pico");
  const image = await loadImage(renderPreviewSheet(asset, 64));
  expect(image.width).toBe(4 * 64);
  expect(image.height).toBe(Math.ceil(previewPoses.length / 4) * (64 + 22));
});
