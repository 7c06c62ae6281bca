import { type Canvas2d, drawLabel, type Label } from "@troupe/avatar";

declare const labelled: unique symbol;

/** A finished picture that carries the visible label. Only `labelFrame` makes one, and the encoder takes nothing else. */
export interface LabelledFrame {
  readonly [labelled]: true;
  /** RGBA, width x height x 4; none after `release`. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /**
   * Gives the pixels' memory back at once. A megabyte a frame that waits for the garbage collector costs more in fresh pages than the
   * copy itself.
   */
  release(): void;
}

/** Draws the label over everything else. Nothing may be drawn afterwards. `read` gives memory that is the frame's own. */
export function labelFrame(context: Canvas2d, label: Label, read: () => Uint8Array): LabelledFrame {
  drawLabel(context, label);
  const pixels = read();
  const release = () => void (pixels.buffer as ArrayBuffer).transfer(0);
  return { pixels, width: label.width, height: label.height, release } as unknown as LabelledFrame;
}
