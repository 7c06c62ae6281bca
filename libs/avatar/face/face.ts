import { blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { Pose } from "../renderers/renderer.ts";
import { addIdle } from "./idle.ts";
import { asSent } from "./pose-bytes.ts";

/** What a frame brings of speech. */
export interface SpokenFrame {
  /** Motion of the response that speaks; undefined when none does or its motion has not come. */
  readonly motion: { readonly weights: Float32Array; readonly head: Pose["head"] } | undefined;
  readonly speaking: boolean;
  /** What was being said is held or cancelled: the mouth closes at once. Default false. */
  readonly stopped?: boolean;
  /** 0..1 loudness of the frame's own sound, for a mouth without motion. */
  readonly envelope: number;
}

/** Gives the pose at `atS` on the session scale; called once a frame, in order of time. */
export type Face = (frame: SpokenFrame, atS: number, listening: boolean) => Pose;

/** Time constant of the rise and fall of attention while the person speaks. */
const attentionS = 0.4;
/** Time constant of the mouth's way to rest when its motion ends. */
const releaseS = 0.04;
/** And where the person interrupts, closed with the next picture: a mouth that still moves looks as if it were not listening. */
const stopS = 0.008;
/** Of the head's way back then: calm, as the mouth moves with it. */
const calmS = 0.4;
/** Longest time that one frame may count for. */
const maxStepS = 0.2;

/**
 * Adds speech to the idle face, frame by frame; without motion the jaw follows the loudness of the sound. The idle face hangs on seed
 * and session time alone, so it goes on where another presenter left off. Weights come in steps of 1/255, as they travel, so that a
 * client that is sent the pose draws what the server draws.
 */
export function createFace(seed: number): Face {
  const speech = new Float32Array(blendShapeNames.length);
  const head = { yaw: 0, pitch: 0, roll: 0 };
  let attention = 0;
  let beforeS: number | undefined;
  return (frame, atS, listening) => {
    const stepS = Math.min(maxStepS, Math.max(0, atS - (beforeS ?? atS)));
    beforeS = atS;
    attention += ((listening ? 1 : 0) - attention) * (1 - Math.exp(-stepS / attentionS));
    const kept = Math.exp(-stepS / (frame.stopped ? stopS : releaseS));
    moveMouth(speech, frame, kept);
    const accent = frame.motion?.head;
    const leftOfHead = Math.exp(-stepS / (frame.stopped ? calmS : releaseS));
    for (const axis of ["yaw", "pitch", "roll"] as const) head[axis] = accent ? accent[axis] : head[axis] * leftOfHead;
    const weights = new Float32Array(speech);
    const idle = addIdle(weights, seed, atS, attention);
    return asSent({
      weights,
      head: { yaw: idle.head.yaw + head.yaw, pitch: idle.head.pitch + head.pitch, roll: idle.head.roll + head.roll },
      breath: idle.breath,
    });
  };
}

function moveMouth(speech: Float32Array, { motion, speaking, stopped, envelope }: SpokenFrame, kept: number): void {
  if (motion && !stopped) {
    speech.set(motion.weights);
    return;
  }
  for (let shape = 0; shape < speech.length; shape++) speech[shape] = (speech[shape] as number) * kept;
  if (!speaking || stopped) return;
  const { jawOpen, mouthFunnel } = blendShapeIndex;
  speech[jawOpen] = Math.max(speech[jawOpen] as number, 0.45 * envelope);
  speech[mouthFunnel] = Math.max(speech[mouthFunnel] as number, 0.12 * envelope);
}
