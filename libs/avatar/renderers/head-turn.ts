import type { Pose } from "./renderer.ts";

/** Angles beyond this are drawn as this: points have one depth each, so a face cannot show its other side. */
const maxAngleRad = 0.5;

/**
 * Turns points about a pivot (x, y, z) as a head does, seen without perspective: yaw about the vertical axis, pitch about the
 * horizontal one, then roll in the plane. Each point takes part by its `follow`. Changes `xy` (x, y per point) in place.
 */
export function turnPoints(
  xy: Float32Array,
  depth: Float32Array,
  follow: Float32Array,
  pivot: readonly [number, number, number],
  head: Pose["head"],
): void {
  const yaw = bounded(head.yaw);
  const pitch = bounded(head.pitch);
  const roll = bounded(head.roll);
  if (yaw === 0 && pitch === 0 && roll === 0) return;
  const [cosYaw, sinYaw, cosPitch, sinPitch] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const [cosRoll, sinRoll] = [Math.cos(roll), Math.sin(roll)];
  const [pivotX, pivotY, pivotZ] = pivot;
  for (let p = 0; p < depth.length; p++) {
    const share = follow[p] as number;
    if (share === 0) continue;
    const x = (xy[2 * p] as number) - pivotX;
    const y = (xy[2 * p + 1] as number) - pivotY;
    const z = (depth[p] as number) - pivotZ;
    const turnedX = x * cosYaw + z * sinYaw;
    const turnedZ = z * cosYaw - x * sinYaw;
    const turnedY = y * cosPitch - turnedZ * sinPitch;
    xy[2 * p] = pivotX + x + share * (turnedX * cosRoll - turnedY * sinRoll - x);
    xy[2 * p + 1] = pivotY + y + share * (turnedX * sinRoll + turnedY * cosRoll - y);
  }
}

/** The angle as drawn, radians. */
export function bounded(angleRad: number): number {
  return Number.isFinite(angleRad) ? Math.max(-maxAngleRad, Math.min(maxAngleRad, angleRad)) : 0;
}
