import { createCanvas } from "@napi-rs/canvas";
import { describe, expect, it } from "vitest";
import type { AssetPath } from "./asset-path.ts";
import type { Canvas2d } from "./canvas-2d.ts";
import { createPaintBeside, type PaintClipped, paintByClip } from "./clipped-painting.ts";
import { compilePath } from "./vector-shape.ts";

const size = { width: 200, height: 160 };
/** A round area and a slanted one that leaves the picture. */
const round = compilePath("M0C1 2 3C4 5 0Z", 10);
const slanted = compilePath("M6L7L8L9Z", 10);
const points = Float32Array.of(60, 40, 130, 40, 130, 110, 60, 110, 20, 110, 20, 40, -80.5, 20, 260, 70, 260, 99, -90, 61);

const stripes = (context: Canvas2d) => {
  for (let n = 0; n < 20; n++) {
    context.fillStyle = n % 2 === 0 ? "#c03020" : "#20a0d080";
    context.fillRect(n * 10 - 3, 0, 10, 160);
  }
};

function pixels(paintClipped: PaintClipped, scale: number, clips: readonly AssetPath[]): Uint8Array {
  const canvas = createCanvas(size.width * scale, size.height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#f0f0e0";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  for (const clip of clips) paintClipped(context, clip, points, stripes);
  return new Uint8Array(context.getImageData(0, 0, canvas.width, canvas.height).data);
}

describe("painting beside", () => {
  it.each([0.5, 0.75, 1, 2.3])("looks as with a clip of smooth edges, at %d times the size", (scale) => {
    const beside = pixels(createPaintBeside(createCanvas, size, scale), scale, [round, slanted]);
    const clipped = pixels(paintByClip, scale, [round, slanted]);
    const differences = beside.map((value, at) => Math.abs(value - (clipped[at] as number)));
    // At an edge a clip counts half-covered points once for each shape.
    expect(differences.filter((difference) => difference > 12).length).toBeLessThan(differences.length * 0.002);
    expect(
      Buffer.compare(
        beside,
        pixels(() => undefined, scale, []),
      ),
    ).not.toBe(0);
  });

  it("leaves nothing behind of what was painted before", () => {
    const paint = createPaintBeside(createCanvas, size, 1);
    const first = pixels(paint, 1, [round]);
    const context = createCanvas(size.width, size.height).getContext("2d");
    paint(context, round, points, (target) => {
      target.fillStyle = "#000000";
      target.fillRect(-50, -50, 400, 400);
    });
    expect(Buffer.compare(pixels(paint, 1, [round]), first)).toBe(0);
  });

  it("paints nothing of what lies outside the picture", () => {
    const far = Float32Array.from(points, (value) => value + 5000);
    const context = createCanvas(size.width, size.height).getContext("2d");
    let painted = 0;
    createPaintBeside(createCanvas, size, 1)(context, round, far, () => painted++);
    expect(painted).toBe(0);
  });
});
