import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import { labelShare } from "@troupe/avatar";
import { describe, expect, it } from "vitest";
import { type LabelledFrame, labelFrame } from "./labelled-frame.ts";

const sizes = [
  [512, 512],
  [1280, 720],
  [360, 640],
] as const;

function frameOf(width: number, height: number, text: string, before: (context: SKRSContext2D) => void = () => undefined): LabelledFrame {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "#808080";
  context.fillRect(0, 0, width, height);
  before(context);
  return labelFrame(context, { width, height, text }, () => new Uint8Array(canvas.data()));
}

/** Rows and columns of the near-white pixels: the text's. */
function textBox({ pixels, width, height }: LabelledFrame) {
  const box = { left: width, right: -1, top: height, bottom: -1 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if ((pixels[(y * width + x) * 4] as number) < 200) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  return box;
}

describe("the label", () => {
  it.each(sizes)("is drawn into the upper left corner of %ix%i, and nowhere else", (width, height) => {
    const { pixels } = frameOf(width, height, "AI-generated");
    const changed = { within: 0, beyond: 0 };
    for (let at = 0; at < pixels.length; at += 4) {
      const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
      if (pixels[at] !== 0x80) changed[x < 0.6 * width && y < 0.12 * height ? "within" : "beyond"]++;
    }
    expect(changed.within).toBeGreaterThan(0.002 * width * height);
    expect(changed.beyond).toBe(0);
  });

  it.each(sizes)("is at least as high on %ix%i as its share of the shortest side", (width, height) => {
    // From the top of the b to the bottom of the g.
    const { top, bottom } = textBox(frameOf(width, height, "bg"));
    const wanted = Math.min(width, height) * labelShare;
    expect(labelShare).toBeGreaterThanOrEqual(0.05);
    expect(bottom - top + 1).toBeGreaterThanOrEqual(0.85 * wanted);
    expect(textBox(frameOf(width, height, "AI-generated")).right).toBeLessThan(width * 0.6);
  });

  it("says what it is told: another text gives other pixels", () => {
    expect(Buffer.compare(frameOf(512, 512, "AI-generated").pixels, frameOf(512, 512, "KI-generiert").pixels)).not.toBe(0);
  });

  it("cannot be hidden by what was set on the canvas before", () => {
    const plain = frameOf(512, 512, "AI-generated").pixels;
    const hostile = frameOf(512, 512, "AI-generated", (context) => {
      context.globalAlpha = 0;
      context.translate(9999, 0);
      context.textAlign = "right";
      context.globalCompositeOperation = "destination-over";
    });
    expect(Buffer.compare(hostile.pixels, plain)).toBe(0);
  });
});

describe("a labelled frame", () => {
  it("cannot be made but by labelling", () => {
    const pixels = new Uint8Array(4);
    // @ts-expect-error a picture that nobody labelled
    const bare: LabelledFrame = { pixels, width: 1, height: 1 };
    // @ts-expect-error the mark has no name outside its module
    const forged: LabelledFrame = { labelled: true, pixels, width: 1, height: 1 };
    expect([bare, forged]).toHaveLength(2);
  });
});
