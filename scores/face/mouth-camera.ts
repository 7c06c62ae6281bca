import { type AvatarAsset, addIdle, createVectorRenderer, type Pose } from "@troupe/avatar";
import { createNodeSurface } from "@troupe/compositor";
import { type BlendShapeName, blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import { makeUp } from "./make-up.ts";
import { type MouthPicture, type MouthPixels, measureMouth } from "./mouth-picture.ts";

/** What a frame shows of a face: weights of the motion and the head's accents. */
export interface FacePose {
  readonly weights: ArrayLike<number>;
  readonly head: Pose["head"];
}

/** A mouth in units of the avatar's own extremes, so that one table of classes holds for every avatar. */
export interface MouthShape {
  /** 0 closed .. 1 as with the jaw fully open. */
  readonly aperture: number;
  /** -1 as narrow as fully puckered, 0 as at rest, 1 as wide as fully stretched. */
  readonly spread: number;
  /** Visible height of the lower lip; 1 as at rest. */
  readonly lowerLip: number;
}

/** Looks at one avatar's mouth. */
export interface MouthCamera {
  /** The pose as it is. */
  measure(pose: FacePose): MouthShape;
  /** The motion added to the idle face, as the presenter shows it at this time of a session. */
  measureOnIdle(pose: FacePose, atS: number): MouthShape;
}

/** Room around the mouth of the extreme poses, for turns of the head. */
const marginPx = 16;
const idleSeed = 7;

type Weights = Partial<Record<BlendShapeName, number>>;
const stretched: Weights = { mouthStretchLeft: 1, mouthStretchRight: 1 };

/** Draws the made-up avatar at its design size, only around the mouth, and measures its own extremes first. */
export function createMouthCamera(asset: AvatarAsset): MouthCamera {
  const film = createFilm(makeUp(asset));
  const of = (weights: Weights) => measureMouth(film(poseOf(weights)));
  const [rest, open, puckered, wide] = [of({}), of({ jawOpen: 1 }), of({ mouthPucker: 1 }), of(stretched)];
  const shape = ({ aperture, width, lowerLip }: MouthPixels): MouthShape => ({
    aperture: aperture / open.aperture,
    spread: (width - rest.width) / (width < rest.width ? rest.width - puckered.width : wide.width - rest.width),
    lowerLip: lowerLip / rest.lowerLip,
  });
  return {
    measure: ({ weights, head }) => shape(measureMouth(film({ weights: Float32Array.from(weights), head, breath: 0 }))),
    measureOnIdle(pose, atS) {
      const weights = Float32Array.from(pose.weights);
      const idle = addIdle(weights, idleSeed, atS, 0);
      const head = { yaw: idle.head.yaw + pose.head.yaw, pitch: idle.head.pitch + pose.head.pitch, roll: idle.head.roll + pose.head.roll };
      return shape(measureMouth(film({ weights, head, breath: idle.breath })));
    },
  };
}

export function poseOf(weights: Weights): Pose {
  const values = new Float32Array(blendShapeNames.length);
  for (const [name, value] of Object.entries(weights)) values[blendShapeIndex[name as BlendShapeName]] = value;
  return { weights: values, head: { yaw: 0, pitch: 0, roll: 0 }, breath: 0 };
}

/** Draws poses of an avatar, cut to where its mouth can be. */
function createFilm(asset: AvatarAsset): (pose: Pose) => MouthPicture {
  const renderer = createVectorRenderer(asset);
  const whole = filmOf(renderer, { left: 0, top: 0, width: renderer.width, height: renderer.height });
  const boxes = [poseOf({ jawOpen: 1 }), poseOf(stretched), poseOf({ mouthUpperUpLeft: 1, mouthUpperUpRight: 1 })].map((pose) =>
    boundsOf(whole(pose)),
  );
  const left = Math.min(...boxes.map((box) => box.left)) - marginPx;
  const top = Math.min(...boxes.map((box) => box.top)) - marginPx;
  const width = Math.max(...boxes.map((box) => box.right)) + marginPx - left;
  const height = Math.max(...boxes.map((box) => box.bottom)) + marginPx - top;
  return filmOf(renderer, { left, top, width, height });
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function filmOf(renderer: ReturnType<typeof createVectorRenderer>, { left, top, width, height }: Frame): (pose: Pose) => MouthPicture {
  const { context, read } = createNodeSurface(width, height);
  return (pose) => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000000";
    context.fillRect(0, 0, width, height);
    context.setTransform(1, 0, 0, 1, -left, -top);
    renderer.draw(context, pose);
    return { width, height, rgba: read() };
  };
}

function boundsOf({ width, height, rgba }: MouthPicture) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      if ((rgba[at] as number) + (rgba[at + 1] as number) + (rgba[at + 2] as number) < 128) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  return box;
}
