import { type Canvas2d, drawLabel, type Label } from "@troupe/avatar";

declare const labelled: unique symbol;

/** A finished picture that carries the visible label. Only `labelFrame` makes one, and the encoder takes nothing else. */
export interface LabelledFrame {
  readonly [labelled]: true;
  /** RGBA, width x height x 4. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Draws the label over everything else. Nothing may be drawn afterwards. */
export function labelFrame(context: Canvas2d, label: Label, read: () => Uint8Array): LabelledFrame {
  drawLabel(context, label);
  return { pixels: read(), width: label.width, height: label.height } as unknown as LabelledFrame;
}
