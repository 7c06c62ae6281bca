import { type Canvas2d, createPicture, type Pose, type Renderer } from "@troupe/avatar";
import { type LabelledFrame, labelFrame } from "../label/labelled-frame.ts";

/** A canvas of the host. */
export interface Surface {
  readonly context: Canvas2d;
  /** RGBA, width x height x 4, a copy of its own. */
  read(): Uint8Array;
}

export interface SceneOptions {
  readonly renderer: Renderer;
  readonly surface: Surface;
  readonly width: number;
  readonly height: number;
  readonly label: string;
}

export interface Scene {
  draw(pose: Pose, caption: string): LabelledFrame;
}

/** Avatar, then caption, then label. */
export function createScene({ renderer, surface, width, height, label }: SceneOptions): Scene {
  const picture = createPicture({ renderer, width, height });
  return {
    draw(pose, caption) {
      picture(surface.context, pose, caption);
      return labelFrame(surface.context, { width, height, text: label }, () => surface.read());
    },
  };
}
