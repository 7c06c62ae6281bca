import { expect, it } from "vitest";
import { PixelFrames } from "./pixel-frames.ts";

it("memory of a few pictures is used again, and that of a moment of trouble given back", () => {
  const frames = new PixelFrames(16, 8);
  const pixels = new Uint8Array(16 * 8 * 4);
  const many = Array.from({ length: 8 }, () => frames.copy(pixels));
  for (const frame of many) frames.giveBack(frame);
  const again = Array.from({ length: 8 }, () => frames.copy(pixels));
  expect(again.filter((frame) => many.includes(frame))).toHaveLength(3);
  for (const frame of again) frames.giveBack(frame);
  frames.close();
});
