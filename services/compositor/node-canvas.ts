import { createCanvas } from "@napi-rs/canvas";
import type { Canvas2d } from "./renderers/canvas-2d.ts";
import type { Surface } from "./scene/scene.ts";

/** A drawing surface in Node. The pixels are the canvas's own memory; they change with the next draw. */
export function createNodeSurface(width: number, height: number): Surface {
  const canvas = createCanvas(width, height);
  return { context: canvas.getContext("2d") as unknown as Canvas2d, read: () => canvas.data() };
}
