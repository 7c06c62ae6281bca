import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { PoseSchema } from "@troupe/contracts";
import { blendShapeNames } from "@troupe/timeline";
import type { Pose } from "../renderers/renderer.ts";

const steps = 255;

/** The pose as the bytes of an access unit of the motion track. */
export function encodePose({ weights, head, breath }: Pose): Uint8Array {
  return toBinary(PoseSchema, create(PoseSchema, { weights: Uint8Array.from(weights, stepOf), ...head, breath }));
}

/** The pose in an access unit of the motion track; weights that are missing are 0. Throws where the bytes are no pose. */
export function decodePose(data: Uint8Array): Pose {
  const { weights: sent, yaw, pitch, roll, breath } = fromBinary(PoseSchema, data);
  const weights = new Float32Array(blendShapeNames.length);
  for (let shape = 0; shape < Math.min(sent.length, weights.length); shape++) weights[shape] = (sent[shape] as number) / steps;
  return { weights, head: { yaw, pitch, roll }, breath };
}

/** The pose as its receiver has it. Weights are rounded in place. */
export function asSent({ weights, head, breath }: Pose): Pose {
  for (let shape = 0; shape < weights.length; shape++) weights[shape] = stepOf(weights[shape] as number) / steps;
  return {
    weights,
    head: { yaw: Math.fround(head.yaw), pitch: Math.fround(head.pitch), roll: Math.fround(head.roll) },
    breath: Math.fround(breath),
  };
}

function stepOf(weight: number): number {
  return Math.round(Math.min(1, Math.max(0, weight)) * steps);
}
