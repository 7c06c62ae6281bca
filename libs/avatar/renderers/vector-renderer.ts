import { affineOf } from "./affine.ts";
import type { AssetPath } from "./asset-path.ts";
import type { AvatarAsset } from "./avatar-asset.ts";
import type { Canvas2d } from "./canvas-2d.ts";
import { inputCount } from "./driver.ts";
import { createLayerCache, keptBreath, type MakeCanvas } from "./layer-cache.ts";
import type { Pose, Renderer } from "./renderer.ts";
import { tracePath } from "./trace-path.ts";
import { compileLayers, type VectorLayer } from "./vector-layer.ts";
import type { VectorPaint } from "./vector-paint.ts";
import { createVectorRig, type VectorRig } from "./vector-rig.ts";
import type { VectorShape } from "./vector-shape.ts";

export interface VectorRendererOptions {
  /** Makes an offscreen canvas; given, layers that the face does not move are kept as pictures. */
  readonly createCanvas?: MakeCanvas;
  /** Output pixels per design pixel, so that kept layers are as sharp as the rest. Default 1. */
  readonly scale?: number;
}

/**
 * Draws an avatar from its data. One renderer may serve many sessions: a picture depends on the pose alone.
 * The asset must come from `parseAvatar`.
 */
export function createVectorRenderer(asset: AvatarAsset, options: VectorRendererOptions = {}): Renderer {
  const { width, height } = asset.size;
  const rig = createVectorRig(asset);
  const atRest: PosedRig = { ...rig, moved: rig.rest, inputs: new Float32Array(inputCount), head: { yaw: 0, pitch: 0, roll: 0 } };
  const layers = compileLayers(asset);
  const cache = options.createCanvas && createLayerCache(layers, options.createCanvas, options.scale ?? 1);
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
        const layer = layers[n] as VectorLayer;
        if (layer.clip !== undefined) openClip(context, layer.clip, rig.moved);
        if (layer.carriedBy !== undefined) {
          context.save();
          context.transform(...affineOf(layer.carriedBy, rig.rest, rig.moved));
        }
        const paint = (target: Canvas2d) => paintShapes(target, layer.shapes, layer.carriedBy === undefined ? posed : atRest);
        if (!cache?.draw(n, context, breath, paint)) paint(context);
        if (layer.carriedBy !== undefined) context.restore();
        if (layer.clip !== undefined) context.restore();
      }
    },
  };
}

/** A rig after a move, with the head's angles that led there. */
type PosedRig = Pick<VectorRig, "rest" | "moved" | "inputs" | "follow"> & { readonly head: Pose["head"] };

/** Shapes that follow each other under one clip share it. */
function paintShapes(context: Canvas2d, shapes: readonly VectorShape[], rig: PosedRig): void {
  let clip: AssetPath | undefined;
  for (const shape of shapes) {
    const opacity = shape.opacity(rig.inputs);
    if (opacity < 1 / 255) continue;
    if (shape.clip !== clip) {
      if (clip !== undefined) context.restore();
      clip = shape.clip;
      if (clip !== undefined) openClip(context, clip, rig.moved);
    }
    context.globalAlpha = opacity;
    paintShape(context, shape, rig);
  }
  if (clip !== undefined) context.restore();
  context.globalAlpha = 1;
}

function openClip(context: Canvas2d, clip: AssetPath, xy: Float32Array): void {
  context.save();
  context.beginPath();
  tracePath(context, clip, xy);
  context.clip();
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
