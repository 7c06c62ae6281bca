import type { AvatarAsset } from "./avatar-asset.ts";
import { breathInput, type Driver, driverValue, inputCount, parseDriver } from "./driver.ts";
import { turnPoints } from "./head-turn.ts";
import type { Pose } from "./renderer.ts";

interface Deformer {
  readonly driver: Driver;
  readonly points: Uint32Array;
  /** dx, dy of each of `points`. */
  readonly deltas: Float32Array;
}

/** An avatar's points, moved by a pose. */
export interface VectorRig {
  /** x, y of every point at rest. */
  readonly rest: Float32Array;
  /** x, y of every point in the last pose; overwritten by `move`. */
  readonly moved: Float32Array;
  /** Clamped weights and breath of the last pose, by input (driver.ts). */
  readonly inputs: Float32Array;
  /** 0..1 per point: how much of the head's motion it takes part in. */
  readonly follow: Float32Array;
  move(pose: Pose): void;
}

/** Compiles an asset's points, offsets and order into flat arrays. */
export function createVectorRig(asset: AvatarAsset): VectorRig {
  const pointCount = asset.points.length / 4;
  const rest = new Float32Array(pointCount * 2);
  const depth = new Float32Array(pointCount);
  const follow = new Float32Array(pointCount);
  for (let p = 0; p < pointCount; p++) {
    rest[2 * p] = asset.points[4 * p] as number;
    rest[2 * p + 1] = asset.points[4 * p + 1] as number;
    depth[p] = asset.points[4 * p + 2] as number;
    follow[p] = asset.points[4 * p + 3] as number;
  }
  const deformers = Object.entries(asset.offsets).map(([name, list]) => compileDeformer(name, list));
  const order = Float32Array.from(asset.order);
  const moved = rest.slice();
  const inputs = new Float32Array(inputCount);
  return {
    rest,
    moved,
    inputs,
    follow,
    move(pose) {
      readInputs(pose, inputs);
      moved.set(rest);
      for (const deformer of deformers) applyDeformer(deformer, inputs, moved);
      keepOrder(order, moved);
      turnPoints(moved, depth, follow, asset.head.pivot, pose.head);
    },
  };
}

function compileDeformer(name: string, list: readonly number[]): Deformer {
  const count = list.length / 3;
  const points = new Uint32Array(count);
  const deltas = new Float32Array(count * 2);
  for (let n = 0; n < count; n++) {
    points[n] = list[3 * n] as number;
    deltas[2 * n] = list[3 * n + 1] as number;
    deltas[2 * n + 1] = list[3 * n + 2] as number;
  }
  return { driver: parseDriver(name) ?? [], points, deltas };
}

function readInputs(pose: Pose, inputs: Float32Array): void {
  for (let n = 0; n < breathInput; n++) inputs[n] = unit(pose.weights[n]);
  inputs[breathInput] = unit(pose.breath);
}

/** Anything outside 0..1 is clamped; NaN and what is missing count as 0. */
function unit(value: number | undefined): number {
  return value !== undefined && value > 0 ? Math.min(value, 1) : 0;
}

function applyDeformer({ driver, points, deltas }: Deformer, inputs: Float32Array, moved: Float32Array): void {
  const value = driverValue(driver, inputs);
  if (value < 1e-4) return;
  for (let n = 0; n < points.length; n++) {
    const at = 2 * (points[n] as number);
    moved[at] = (moved[at] as number) + value * (deltas[2 * n] as number);
    moved[at + 1] = (moved[at + 1] as number) + value * (deltas[2 * n + 1] as number);
  }
}

function keepOrder(order: Float32Array, moved: Float32Array): void {
  for (let n = 0; n < order.length; n += 4) {
    const above = 2 * (order[n] as number) + 1;
    const below = 2 * (order[n + 1] as number) + 1;
    const missing = (moved[above] as number) + (order[n + 2] as number) - (moved[below] as number);
    if (missing <= 0) continue;
    const up = missing * (order[n + 3] as number);
    moved[above] = (moved[above] as number) - up;
    moved[below] = (moved[below] as number) + missing - up;
  }
}
