import type { Canvas2d } from "../renderers/canvas-2d.ts";
import { fontOf } from "../scene/text-font.ts";

declare const labelled: unique symbol;

/** A finished picture that carries the visible label. Only `labelFrame` makes one, and the encoder takes nothing else. */
export interface LabelledFrame {
  readonly [labelled]: true;
  /** RGBA, width x height x 4. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Height of the label's text as a share of the picture's shortest side (GB 45438-2025: at least 5 %). */
export const labelShare = 0.05;

/** Draws the label over everything else. Nothing may be drawn afterwards. */
export function labelFrame(
  context: Canvas2d,
  picture: { readonly width: number; readonly height: number; readonly text: string },
  read: () => Uint8Array,
): LabelledFrame {
  const { width, height, text } = picture;
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
  return { pixels: read(), width, height } as unknown as LabelledFrame;
}
