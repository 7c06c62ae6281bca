import { blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { Pose } from "./renderers/renderer.ts";
import { addIdle } from "./timeline/idle.ts";
import type { Tick } from "./timeline/presenter.ts";

/** Time constant of the rise and fall of attention while the person speaks. */
const attentionS = 0.4;
/** Share of the way the mouth goes to rest in one frame when its motion ends. */
const release = 0.45;

/**
 * Adds speech to the idle face, frame by frame; without motion the jaw follows the loudness of the sound.
 * `atS` is the frame's time on the session scale: the idle face hangs on it and goes on where another presenter left off.
 */
export function createFace(seed: number, framesPerSecond: number): (tick: Tick, atS: number, listening: boolean) => Pose {
  const speech = new Float32Array(blendShapeNames.length);
  const head = { yaw: 0, pitch: 0, roll: 0 };
  let attention = 0;
  return (tick, atS, listening) => {
    attention += ((listening ? 1 : 0) - attention) / (attentionS * framesPerSecond);
    if (tick.motion) speech.set(tick.motion.weights);
    else {
      for (let shape = 0; shape < speech.length; shape++) speech[shape] = (speech[shape] as number) * (1 - release);
      if (tick.speaking) {
        speech[blendShapeIndex.jawOpen] = Math.max(speech[blendShapeIndex.jawOpen] as number, 0.45 * tick.envelope);
        speech[blendShapeIndex.mouthFunnel] = Math.max(speech[blendShapeIndex.mouthFunnel] as number, 0.12 * tick.envelope);
      }
    }
    const accent = tick.motion?.head;
    for (const axis of ["yaw", "pitch", "roll"] as const) head[axis] = accent ? accent[axis] : head[axis] * (1 - release);
    const weights = new Float32Array(speech);
    const idle = addIdle(weights, seed, atS, attention);
    return {
      weights,
      head: { yaw: idle.head.yaw + head.yaw, pitch: idle.head.pitch + head.pitch, roll: idle.head.roll + head.roll },
      breath: idle.breath,
    };
  };
}
