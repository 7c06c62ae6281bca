import type { Canvas2d } from "./canvas-2d.ts";

/** Draws one avatar. Synchronous and pure: the same pose gives the same picture. */
export interface Renderer {
  /** Size the picture is drawn for, in pixels; the context is scaled by the caller. */
  readonly width: number;
  readonly height: number;
  /** Draws background and avatar over the whole of width x height. */
  draw(context: Canvas2d, pose: Pose): void;
}

/** Everything that varies from frame to frame. */
export interface Pose {
  /** 52 values, 0..1, in the order of blendShapeNames: speech, blinks, gaze and expression already added up. */
  readonly weights: Float32Array;
  /** Radians: yaw to the avatar's left (picture's right), pitch up, roll clockwise as seen, positive. About +-0.35 at most. */
  readonly head: { readonly yaw: number; readonly pitch: number; readonly roll: number };
  /** 0..1 phase of the breath; the shoulders rise and fall with it. */
  readonly breath: number;
}
