import type { AvatarPaint } from "./avatar-asset.ts";
import type { Canvas2d, CanvasGradientLike } from "./canvas-2d.ts";
import { bounded } from "./head-turn.ts";
import type { Pose } from "./renderer.ts";
import type { VectorRig } from "./vector-rig.ts";

/** A paint ready for use: a plain colour or a gradient. Gradients are made once and moved by a transform, not rebuilt. */
export interface VectorPaint {
  readonly colour: string | undefined;
  readonly gradient: GradientPaint | undefined;
}

export interface GradientPaint {
  /** The runtime's gradient; made by the first context, good for all. */
  style(context: Canvas2d): CanvasGradientLike;
  /** Whether the gradient moves or is stretched, so that `place` is needed. */
  readonly placed: boolean;
  /** Moves the context to where the gradient lies; the caller saves and restores. */
  place(context: Canvas2d, rig: Pick<VectorRig, "rest" | "moved" | "follow">, head: Pose["head"]): void;
}

export function compilePaint(paint: AvatarPaint): VectorPaint {
  if (typeof paint === "string") return { colour: paint, gradient: undefined };
  let style: CanvasGradientLike | undefined;
  const radial = "radial" in paint ? paint : undefined;
  const [originX, originY] = radial ? radial.radial : [0, 0];
  const [scaleX, scaleY] = radial?.scale ?? [1, 1];
  const turn = radial?.turn ?? 0;
  const at = paint.at;
  return {
    colour: undefined,
    gradient: {
      placed: radial !== undefined || at !== undefined,
      style(context) {
        style ??= makeGradient(context, paint);
        return style;
      },
      place(context, rig, head) {
        if (at !== undefined) {
          const restX = rig.rest[2 * at] as number;
          const restY = rig.rest[2 * at + 1] as number;
          const angle = bounded(head.roll) * (rig.follow[at] as number);
          const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
          const x = (rig.moved[2 * at] as number) - restX * cos + restY * sin;
          const y = (rig.moved[2 * at + 1] as number) - restX * sin - restY * cos;
          context.transform(cos, sin, -sin, cos, x, y);
        }
        if (radial === undefined) return;
        context.translate(originX, originY);
        if (turn !== 0) context.rotate(turn);
        if (scaleX !== 1 || scaleY !== 1) context.scale(scaleX, scaleY);
      },
    },
  };
}

function makeGradient(context: Canvas2d, paint: Exclude<AvatarPaint, string>): CanvasGradientLike {
  const gradient =
    "radial" in paint ? context.createRadialGradient(0, 0, 0, 0, 0, paint.radial[2]) : context.createLinearGradient(...paint.linear);
  for (const [offset, colour] of paint.stops) gradient.addColorStop(offset, colour);
  return gradient;
}
