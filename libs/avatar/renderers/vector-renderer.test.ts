import { readFile } from "node:fs/promises";
import { createCanvas } from "@napi-rs/canvas";
import { type BlendShapeName, blendShapeNames } from "@troupe/timeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AvatarAsset, parseAvatar } from "./avatar-asset.ts";
import { poseOf } from "./preview-poses.ts";
import type { Pose, Renderer } from "./renderer.ts";
import { createVectorRenderer } from "./vector-renderer.ts";
import { createVectorRig } from "./vector-rig.ts";

const avatars = new URL("../../../models/avatars/", import.meta.url);
const marker = "#00ff00";

type Weights = Partial<Record<BlendShapeName, number>>;

/** The asset with every shape inside a clip, and the clip's own area, in one loud colour, and nothing over it but what is drawn over it. */
function marked(asset: AvatarAsset, clip: string): AvatarAsset {
  const layers = asset.layers.map((layer) => ({
    ...layer,
    shapes: layer.shapes.map((shape) => {
      if (shape.clip !== clip && shape.path !== asset.clips[clip]) return shape;
      const { stroke: _, opacityBy: __, ...rest } = shape;
      return { ...rest, fill: "marker", opacity: 1 };
    }),
  }));
  return { ...asset, paints: { ...asset.paints, marker }, layers };
}

function pixels(renderer: Renderer, pose: Pose): Uint8Array {
  const canvas = createCanvas(renderer.width, renderer.height);
  const context = canvas.getContext("2d");
  renderer.draw(context, pose);
  return new Uint8Array(context.getImageData(0, 0, renderer.width, renderer.height).data);
}

/** Pixels in which the marker shows. */
function countMarked(renderer: Renderer, weights: Weights): number {
  const data = pixels(renderer, poseOf({ weights }));
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
    if (green > red + 40 && green > blue + 40) count += 1;
  }
  return count;
}

/** Pixels in which any channel differs by more than 6. */
function countDifferent(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at += 4) {
    if ([0, 1, 2].some((channel) => Math.abs((a[at + channel] as number) - (b[at + channel] as number)) > 6)) count += 1;
  }
  return count;
}

const eyeClips = { mara: ["eyeleft", "eyeright"], pico: ["eye-left", "eye-right"] } as const;

describe.each(["mara", "pico"] as const)("the drawn avatar %s", async (name) => {
  const asset = parseAvatar(await readFile(new URL(`${name}/avatar.json`, avatars), "utf8"));
  const renderer = createVectorRenderer(asset, { createCanvas });
  const mouth = createVectorRenderer(marked(asset, "mouth"), { createCanvas });

  it("draws the same bytes for the same pose, whatever came between", () => {
    const pose = poseOf({ weights: { jawOpen: 0.4, mouthSmileLeft: 0.5 }, head: { yaw: 0.1, pitch: -0.05, roll: 0.04 } }, 0.3);
    const first = pixels(renderer, pose);
    pixels(renderer, poseOf({ weights: { eyeBlinkLeft: 1, tongueOut: 1 }, head: { roll: -0.2 } }, 0.9));
    pixels(renderer, poseOf({ weights: { jawOpen: 1 } }));
    expect(Buffer.compare(pixels(renderer, pose), first)).toBe(0);
    expect(Buffer.compare(pixels(createVectorRenderer(asset, { createCanvas }), pose), first)).toBe(0);
  });

  it("covers every pixel", () => {
    const data = pixels(renderer, poseOf({ head: { yaw: 0.35, pitch: 0.35, roll: 0.35 } }, 1));
    expect(data.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
  });

  it("looks alike with and without kept layers", () => {
    const pose = poseOf({ weights: { jawOpen: 0.3 } }, 0.5);
    const different = countDifferent(pixels(renderer, pose), pixels(createVectorRenderer(asset), pose));
    expect(different).toBeLessThan(512 * 512 * 0.01);
  });

  it("leaves no edge to the context's own clip, which is not smooth in every browser", () => {
    const refusing = (width: number, height: number) => {
      const canvas = createCanvas(width, height);
      const context = canvas.getContext("2d");
      context.clip = () => {
        throw new Error("clipped");
      };
      return Object.assign(canvas, { getContext: () => context });
    };
    const { width, height } = renderer;
    const context = refusing(width, height).getContext();
    createVectorRenderer(asset, { createCanvas: refusing }).draw(context, poseOf({ weights: { jawOpen: 0.7 }, head: { yaw: 0.3 } }, 0.8));
    const { data } = context.getImageData(0, 0, width, height);
    expect(data.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
  });

  it("opens the mouth with jawOpen", () => {
    const areas = [0, 0.1, 0.25, 0.5, 0.75, 1].map((jawOpen) => countMarked(mouth, { jawOpen }));
    for (let n = 1; n < areas.length; n++) expect(areas[n]).toBeGreaterThan((areas[n - 1] as number) + 20);
  });

  it.each<[string, Weights]>([
    ["at rest", {}],
    ["for m", { jawOpen: 0.1, mouthClose: 0.1, mouthPressLeft: 0.6, mouthPressRight: 0.6 }],
    ["for b with the jaw down", { jawOpen: 0.4, mouthClose: 0.4 }],
    ["when more closed than open", { jawOpen: 0.2, mouthClose: 1 }],
    ["with both lips rolled in", { mouthRollLower: 1, mouthRollUpper: 1 }],
    ["smiling", { mouthSmileLeft: 1, mouthSmileRight: 1 }],
    ["pursed", { mouthPucker: 1 }],
  ])("shows nothing of the mouth's inside %s", (_when, weights) => {
    expect(countMarked(mouth, weights)).toBe(0);
  });

  it("narrows the open mouth with mouthPucker and mouthFunnel and widens it with mouthStretch", () => {
    const rig = createVectorRig(asset);
    const width = (weights: Weights) => {
      rig.move(poseOf({ weights: { jawOpen: 0.3, ...weights } }));
      const points = [...new Set((asset.clips.mouth ?? "").match(/\d+/g)?.map(Number))];
      const xs = points.map((point) => rig.moved[2 * point] as number);
      return Math.max(...xs) - Math.min(...xs);
    };
    expect(width({ mouthPucker: 1 })).toBeLessThan(width({}) * 0.7);
    expect(width({ mouthFunnel: 1 })).toBeLessThan(width({}) * 0.8);
    expect(width({ mouthStretchLeft: 1, mouthStretchRight: 1 })).toBeGreaterThan(width({}) * 1.15);
  });

  it("never lets lips or lids cross, whatever the weights", () => {
    const rig = createVectorRig(asset);
    const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 52, maxLength: 52 });
    fc.assert(
      fc.property(weights, (values) => {
        rig.move({ weights: Float32Array.from(values), head: { yaw: 0, pitch: 0, roll: 0 }, breath: 0 });
        for (let n = 0; n < asset.order.length; n += 4) {
          const [above, below] = [asset.order[n] as number, asset.order[n + 1] as number];
          expect((rig.moved[2 * below + 1] as number) - (rig.moved[2 * above + 1] as number)).toBeGreaterThan(-1e-3);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("hides the eyeball in a blink and shows more of it when wide", () => {
    for (const [n, side] of (["Left", "Right"] as const).entries()) {
      const eye = createVectorRenderer(marked(asset, eyeClips[name][n] as string), { createCanvas });
      const open = countMarked(eye, {});
      expect(open).toBeGreaterThan(200);
      expect(countMarked(eye, { [`eyeBlink${side}`]: 1 })).toBe(0);
      expect(countMarked(eye, { [`eyeBlink${side}`]: 1, [`eyeSquint${side}`]: 1, [`eyeLookDown${side}`]: 1 })).toBe(0);
      expect(countMarked(eye, { [`eyeWide${side}`]: 1 })).toBeGreaterThan(open * 1.1);
    }
  });

  const neutral = pixels(renderer, poseOf({}));
  it.each(blendShapeNames)("shows %s", (shape) => {
    expect(countDifferent(pixels(renderer, poseOf({ weights: { [shape]: 1 } })), neutral)).toBeGreaterThan(25);
  });

  it("turns the head both ways, leans it, and breathes", () => {
    for (const pose of [
      poseOf({ head: { yaw: 0.2 } }),
      poseOf({ head: { yaw: -0.2 } }),
      poseOf({ head: { pitch: 0.2 } }),
      poseOf({ head: { roll: 0.2 } }),
      poseOf({}, 1),
    ]) {
      expect(countDifferent(pixels(renderer, pose), neutral)).toBeGreaterThan(1500);
    }
  });

  it("draws a pose with values that are no numbers as if they were none", () => {
    const broken: Pose = {
      weights: new Float32Array(52).fill(Number.NaN),
      head: { yaw: Number.NaN, pitch: Number.POSITIVE_INFINITY, roll: Number.NaN },
      breath: Number.NaN,
    };
    expect(Buffer.compare(pixels(renderer, broken), neutral)).toBe(0);
  });
});
