import { type BlendShapeName, blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { Pose } from "./renderer.ts";

type Weights = Partial<Record<BlendShapeName, number>>;

/** One picture of the preview sheet. */
export interface PreviewPose {
  readonly label: string;
  readonly weights?: Weights;
  readonly head?: Partial<Pose["head"]>;
}

const both = (name: string, value: number): Weights => ({ [`${name}Left`]: value, [`${name}Right`]: value });

/** What the sheet shows: rest, the lids, the mouths of speech, the brows, and the head's turns. */
export const previewPoses: readonly PreviewPose[] = [
  { label: "neutral" },
  { label: "blink", weights: both("eyeBlink", 1) },
  { label: "smile", weights: { ...both("mouthSmile", 0.8), ...both("cheekSquint", 0.4) } },
  { label: "brows up", weights: { browInnerUp: 0.9, ...both("browOuterUp", 0.9), ...both("eyeWide", 0.5) } },
  { label: "AA", weights: { jawOpen: 0.65 } },
  { label: "EE", weights: { jawOpen: 0.15, ...both("mouthStretch", 0.5), ...both("mouthSmile", 0.3), ...both("mouthLowerDown", 0.3) } },
  { label: "OO", weights: { jawOpen: 0.25, mouthPucker: 0.7, mouthFunnel: 0.5 } },
  { label: "brows down", weights: { ...both("browDown", 1), ...both("mouthFrown", 0.4) } },
  { label: "M", weights: { jawOpen: 0.1, mouthClose: 0.1, ...both("mouthPress", 0.6) } },
  { label: "F", weights: { jawOpen: 0.08, mouthRollLower: 0.8, ...both("mouthUpperUp", 0.45) } },
  { label: "left", head: { yaw: 0.3 } },
  { label: "right", head: { yaw: -0.3 } },
  { label: "up", head: { pitch: 0.25 } },
  { label: "down", head: { pitch: -0.25 } },
  { label: "tilt", head: { roll: 0.2 } },
  { label: "tongue", weights: { tongueOut: 1, jawOpen: 0.2 } },
];

/** A whole pose from a preview's few numbers. */
export function poseOf({ weights = {}, head = {} }: Omit<PreviewPose, "label">, breath = 0): Pose {
  const values = new Float32Array(blendShapeNames.length);
  for (const [name, value] of Object.entries(weights)) values[blendShapeIndex[name as BlendShapeName]] = value;
  return { weights: values, head: { yaw: 0, pitch: 0, roll: 0, ...head }, breath };
}
