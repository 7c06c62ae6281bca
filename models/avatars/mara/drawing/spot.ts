import { ellipse } from "../../../../libs/avatar/drawing/curve.ts";
import type { PaintOptions, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { beside } from "../../../../libs/avatar/drawing/vertex.ts";
import { face } from "./head-shape.ts";
import { softStops } from "./palette.ts";

/** A soft spot on the face; the colour falls off to nothing inside its outline. */
export function spot(
  layer: SheetLayer,
  x: number,
  y: number,
  rx: number,
  ry: number,
  colour: string,
  strength: number,
  options: PaintOptions & { readonly turn?: number } = {},
): void {
  const { turn = 0, ...rest } = options;
  const centre = face(x, y);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const rim = ellipse(rx, ry, (dx, dy) => beside(centre, dx * cos - dy * sin, dx * sin + dy * cos));
  layer.fill(rim, { radial: [x, y, rx], scale: [1, ry / rx], ...(turn && { turn }), stops: softStops(colour, strength), at: centre }, rest);
}
