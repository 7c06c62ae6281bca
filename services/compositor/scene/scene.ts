import { type LabelledFrame, labelFrame } from "../label/labelled-frame.ts";
import type { Canvas2d } from "../renderers/canvas-2d.ts";
import type { Pose, Renderer } from "../renderers/renderer.ts";
import { drawCaption } from "./caption.ts";

/** A canvas of the host: Node's or a browser's. */
export interface Surface {
  readonly context: Canvas2d;
  /** RGBA, width x height x 4; may be reused by the next call. */
  read(): Uint8Array;
}

export interface SceneOptions {
  readonly renderer: Renderer;
  readonly surface: Surface;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly captions: boolean;
}

export interface Scene {
  draw(pose: Pose, caption: string): LabelledFrame;
}

/** Avatar, then caption, then label. The avatar fills the picture; what is over on one axis is cut off evenly. */
export function createScene(options: SceneOptions): Scene {
  const { renderer, surface, width, height, label, captions } = options;
  const scale = Math.max(width / renderer.width, height / renderer.height);
  const left = (width - renderer.width * scale) / 2;
  const top = (height - renderer.height * scale) / 2;
  return {
    draw(pose, caption) {
      const { context } = surface;
      context.setTransform(scale, 0, 0, scale, left, top);
      renderer.draw(context, pose);
      context.setTransform(1, 0, 0, 1, 0, 0);
      if (captions && caption !== "") drawCaption(context, caption, width, height);
      return labelFrame(context, { width, height, text: label }, () => surface.read());
    },
  };
}
