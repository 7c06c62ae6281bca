import type { Canvas2d } from "../renderers/canvas-2d.ts";
import { fontOf } from "./text-font.ts";

/** Height of the label's text as a share of the picture's shortest side (GB 45438-2025: at least 5 %). */
export const labelShare = 0.05;

/** Where nobody chose another text. */
export const defaultLabel = "AI-generated";

export interface Label {
  readonly text: string;
  /** Of the whole picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Draws the label into the upper left corner, whatever was set on the context before. Nothing may be drawn afterwards. */
export function drawLabel(context: Canvas2d, { text, width, height }: Label): void {
  const size = Math.ceil(Math.min(width, height) * labelShare);
  const pad = Math.round(size * 0.4);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
  context.font = fontOf(700, size);
  context.textAlign = "left";
  context.textBaseline = "middle";
  const textWidth = context.measureText(text).width;
  context.fillStyle = "rgba(12, 16, 24, 0.62)";
  context.fillRect(pad, pad, textWidth + 2 * pad, size + 1.2 * pad);
  context.fillStyle = "#ffffff";
  context.fillText(text, 2 * pad, pad + (size + 1.2 * pad) / 2);
}
