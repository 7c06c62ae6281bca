import { createRequire } from "node:module";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import { type Canvas2d, textFont } from "@troupe/avatar";
import type { Surface } from "../scene/scene.ts";

const { resolve } = createRequire(import.meta.url);

/** Labels and captions must be there on machines without fonts too, and look the same on all. */
for (const file of ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"])
  GlobalFonts.registerFromPath(resolve(`dejavu-fonts-ttf/ttf/${file}`), textFont);

/** A drawing surface in Node. */
export function createNodeSurface(width: number, height: number): Surface {
  const canvas = createCanvas(width, height);
  return { context: canvas.getContext("2d") as unknown as Canvas2d, read: () => canvas.data() };
}
