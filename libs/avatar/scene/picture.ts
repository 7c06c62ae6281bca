import type { Canvas2d } from "../renderers/canvas-2d.ts";
import type { Pose, Renderer } from "../renderers/renderer.ts";
import { drawCaption } from "./caption.ts";
import { drawLabel } from "./label.ts";

export interface PictureOptions {
  readonly renderer: Renderer;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Draws one frame over the whole picture. An empty caption draws none. */
export type DrawPicture = (context: Canvas2d, pose: Pose, caption: string) => void;

/** Avatar, then caption. The avatar fills the picture; what is over on one axis is cut off evenly. */
export function createPicture({ renderer, width, height }: PictureOptions): DrawPicture {
  const scale = Math.max(width / renderer.width, height / renderer.height);
  // Whole pixels: pictures that the renderer keeps are drawn as they are.
  const left = Math.round((width - renderer.width * scale) / 2);
  const top = Math.round((height - renderer.height * scale) / 2);
  return (context, pose, caption) => {
    context.setTransform(scale, 0, 0, scale, left, top);
    renderer.draw(context, pose);
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (caption !== "") drawCaption(context, caption, width, height);
  };
}

/** The picture with the visible label over it: what a client shows that draws the avatar itself. */
export function createLabelledPicture(options: PictureOptions & { readonly label: string }): DrawPicture {
  const { width, height, label: text } = options;
  const draw = createPicture(options);
  return (context, pose, caption) => {
    draw(context, pose, caption);
    drawLabel(context, { text, width, height });
  };
}
