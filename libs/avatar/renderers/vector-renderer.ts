import { affineOf } from "./affine.ts";
import type { AvatarAsset } from "./avatar-asset.ts";
import type { Canvas2d } from "./canvas-2d.ts";
import { createPaintBeside, type PaintClipped, paintByClip } from "./clipped-painting.ts";
import { inputCount } from "./driver.ts";
import { createLayerCache, keptBreath, type MakeCanvas } from "./layer-cache.ts";
import type { Pose, Renderer } from "./renderer.ts";
import { tracePath } from "./trace-path.ts";
import { compileLayers, type VectorLayer } from "./vector-layer.ts";
import type { VectorPaint } from "./vector-paint.ts";
import { createVectorRig, type VectorRig } from "./vector-rig.ts";
import type { VectorShape } from "./vector-shape.ts";

export interface VectorRendererOptions {
  /** Makes an offscreen canvas; given, layers that the face does not move are kept as pictures, and clips have smooth edges everywhere. */
  readonly createCanvas?: MakeCanvas;
  /** Output pixels per design pixel, so that kept layers are as sharp as the rest. Default 1. */
  readonly scale?: number;
}

/** Less cannot be seen. */
const leastOpacity = 1 / 255;

/**
 * Draws an avatar from its data. One renderer may serve many sessions: a picture depends on the pose alone.
 * The asset must come from `parseAvatar`.
 */
export function createVectorRenderer(asset: AvatarAsset, options: VectorRendererOptions = {}): Renderer {
  const { width, height } = asset.size;
  const rig = createVectorRig(asset);
  const atRest: PosedRig = { ...rig, moved: rig.rest, inputs: new Float32Array(inputCount), head: { yaw: 0, pitch: 0, roll: 0 } };
  const layers = compileLayers(asset);
  const { createCanvas, scale = 1 } = options;
  const cache = createCanvas && createLayerCache(layers, createCanvas, scale);
  const clipping = (): PaintClipped => (createCanvas ? createPaintBeside(createCanvas, asset.size, scale) : paintByClip);
  // A shape may be clipped within a clipped layer.
  const [clipLayer, clipShape] = [clipping(), clipping()];
  const paintLayer = (context: Canvas2d, n: number, posed: PosedRig, breath: number) => {
    const { carriedBy, shapes } = layers[n] as VectorLayer;
    if (carriedBy !== undefined) {
      context.save();
      context.transform(...affineOf(carriedBy, rig.rest, rig.moved));
    }
    const paint = (target: Canvas2d) => paintShapes(target, shapes, carriedBy === undefined ? posed : atRest, clipShape);
    if (!cache?.draw(n, context, breath, paint)) paint(context);
    if (carriedBy !== undefined) context.restore();
  };
  return {
    width,
    height,
    draw(context, pose) {
      const breath = keptBreath(pose.breath);
      rig.move({ weights: pose.weights, head: pose.head, breath });
      const posed: PosedRig = { ...rig, head: pose.head };
      context.lineCap = "round";
      context.lineJoin = "round";
      for (let n = 0; n < layers.length; n++) {
        const { clip } = layers[n] as VectorLayer;
        if (clip === undefined) paintLayer(context, n, posed, breath);
        else clipLayer(context, clip, rig.moved, (target) => paintLayer(target, n, posed, breath));
      }
    },
  };
}

/** A rig after a move, with the head's angles that led there. */
type PosedRig = Pick<VectorRig, "rest" | "moved" | "inputs" | "follow"> & { readonly head: Pose["head"] };

/** Shapes that follow each other under one clip share it. */
function paintShapes(context: Canvas2d, shapes: readonly VectorShape[], rig: PosedRig, paintClipped: PaintClipped): void {
  for (let from = 0, to = 0; from < shapes.length; from = to) {
    const clip = (shapes[from] as VectorShape).clip;
    while (to < shapes.length && (shapes[to] as VectorShape).clip === clip) to++;
    const run = shapes.slice(from, to).filter((shape) => shape.opacity(rig.inputs) >= leastOpacity);
    if (run.length === 0) continue;
    if (clip === undefined) paintRun(context, run, rig);
    else paintClipped(context, clip, rig.moved, (target) => paintRun(target, run, rig));
  }
}

function paintRun(context: Canvas2d, shapes: readonly VectorShape[], rig: PosedRig): void {
  for (const shape of shapes) {
    context.globalAlpha = shape.opacity(rig.inputs);
    paintShape(context, shape, rig);
  }
  context.globalAlpha = 1;
}

function paintShape(context: Canvas2d, shape: VectorShape, rig: PosedRig): void {
  context.beginPath();
  tracePath(context, shape.path, rig.moved);
  if (shape.fill !== undefined) withPaint(context, shape.fill, rig, "fill");
  if (shape.stroke !== undefined) {
    context.lineWidth = shape.strokeWidthPx;
    withPaint(context, shape.stroke, rig, "stroke");
  }
}

/** The path lies in the picture already, so moving the context between tracing and painting moves the gradient alone. */
function withPaint(context: Canvas2d, paint: VectorPaint, rig: PosedRig, verb: "fill" | "stroke"): void {
  const style = verb === "fill" ? "fillStyle" : "strokeStyle";
  const { gradient } = paint;
  if (gradient === undefined) {
    context[style] = paint.colour;
    context[verb]();
    return;
  }
  context[style] = gradient.style(context);
  if (!gradient.placed) {
    context[verb]();
    return;
  }
  context.save();
  gradient.place(context, rig, rig.head);
  context[verb]();
  context.restore();
}
