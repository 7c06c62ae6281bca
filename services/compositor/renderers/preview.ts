import { createCanvas } from "@napi-rs/canvas";
import { type BlendShapeName, blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { AvatarAsset } from "./avatar-asset.ts";
import type { Pose } from "./renderer.ts";
import { createVectorRenderer } from "./vector-renderer.ts";

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

const columns = 4;
const captionPx = 22;

/** A contact sheet of an avatar as a PNG: one picture of `cellPx` width per preview pose, with its label. Node only. */
export function renderPreviewSheet(asset: AvatarAsset, cellPx = 256): Uint8Array {
  const scale = cellPx / asset.size.width;
  const cellHeightPx = Math.round(asset.size.height * scale) + captionPx;
  const sheet = createCanvas(columns * cellPx, Math.ceil(previewPoses.length / columns) * cellHeightPx);
  const context = sheet.getContext("2d");
  const renderer = createVectorRenderer(asset, { createCanvas, scale });
  context.fillStyle = "#20262b";
  context.fillRect(0, 0, sheet.width, sheet.height);
  previewPoses.forEach((preview, n) => {
    const [x, y] = [(n % columns) * cellPx, Math.floor(n / columns) * cellHeightPx];
    const cell = createCanvas(cellPx, cellHeightPx - captionPx);
    const cellContext = cell.getContext("2d");
    cellContext.scale(scale, scale);
    renderer.draw(cellContext, poseOf(preview));
    context.drawImage(cell, x, y, cell.width, cell.height);
    context.fillStyle = "#e8e4dc";
    context.font = "14px sans-serif";
    context.fillText(preview.label, x + 8, y + cellHeightPx - 6);
  });
  return sheet.toBuffer("image/png");
}
