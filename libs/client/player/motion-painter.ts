import { createLabelledPicture, createVectorRenderer, type DrawPicture, decodePose, textFont, trustedAvatar } from "@troupe/avatar";
import { blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { AccessUnit } from "../wire/av-packet.ts";
import type { PainterSetup } from "./player-messages.ts";
import type { PictureFrame } from "./video-decoding.ts";

/** Draws the avatar from its motion, with the module that the server draws with, label included. */
export interface MotionPainter {
  frame(unit: AccessUnit): PictureFrame;
}

/** Loads avatar and font. Its module is loaded only where pictures are drawn by the client. */
export async function createMotionPainter(setup: PainterSetup): Promise<MotionPainter> {
  const paint = await createPaint(setup);
  return {
    frame(unit) {
      const pose = decodePose(unit.data);
      return { ptsUs: unit.ptsUs, draw: (context) => paint(context, pose, ""), close: () => undefined };
    },
  };
}

async function createPaint({ avatarUrl, fontUrl, label, width, height }: PainterSetup): Promise<DrawPicture> {
  const [asset] = await Promise.all([fetchAvatar(avatarUrl), loadFont(fontUrl)]);
  const renderer = createVectorRenderer(asset, {
    createCanvas: (widthPx, heightPx) => new OffscreenCanvas(widthPx, heightPx),
    scale: Math.max(width / asset.size.width, height / asset.size.height),
  });
  return createLabelledPicture({ renderer, width, height, label });
}

async function fetchAvatar(url: string) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the avatar could not be loaded (${response.status})`);
  return trustedAvatar(await response.text());
}

/** The label is legible in any font: a missing one is no reason to show nothing. */
async function loadFont(url: string): Promise<void> {
  const scope = globalThis as unknown as { readonly fonts?: FontFaceSet; readonly document?: Document };
  const fonts = scope.document?.fonts ?? scope.fonts;
  if (!fonts) return;
  try {
    fonts.add(await new FontFace(textFont, `url(${url})`, { weight: "700" }).load());
  } catch {
    // Drawn in the browser's own sans-serif.
  }
}

/** A still of the avatar at rest, for before the call. */
export async function paintPortrait(canvas: HTMLCanvasElement, setup: PainterSetup): Promise<void> {
  const context = canvas.getContext("2d");
  if (!context) return;
  const weights = new Float32Array(blendShapeNames.length);
  weights[blendShapeIndex.mouthSmileLeft] = weights[blendShapeIndex.mouthSmileRight] = 0.25;
  const paint = await createPaint(setup);
  Object.assign(canvas, { width: setup.width, height: setup.height });
  paint(context, { weights, head: { yaw: 0.02, pitch: 0, roll: 0 }, breath: 0.5 }, "");
}
