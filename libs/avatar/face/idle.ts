import { blendShapeIndex } from "@troupe/timeline";

/** What the face does by itself at a moment: written into `weights`, with the pose of the head. */
export interface IdlePose {
  readonly head: { readonly yaw: number; readonly pitch: number; readonly roll: number };
  readonly breath: number;
}

const blinkLengthS = 0.24;
const meanBlinkIntervalS = 3.6;
const glanceIntervalS = 2.3;
const driftKnotS = 2.2;

/** A number in [0, 1) from seed, stream and index (integer hash after Chris Wellons' lowbias32). */
function random(seed: number, stream: number, index: number): number {
  let x = (seed ^ Math.imul(stream + 1, 0x9e3779b9) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

/** A slow wander within -1..1 that never repeats: a uniform cubic B-spline through random values. */
function drift(seed: number, stream: number, atS: number): number {
  const knot = Math.floor(atS / driftKnotS);
  const t = atS / driftKnotS - knot;
  const value = (index: number) => 2 * random(seed, stream, knot + index) - 1;
  const weights = [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3];
  return weights.reduce((sum, weight, index) => sum + (weight * value(index)) / 6, 0);
}

/** 0 open .. 1 closed. One blink in each slot of the mean interval, somewhere in it; every seventh is a double one. */
function blink(seed: number, atS: number): number {
  const slot = Math.floor(atS / meanBlinkIntervalS);
  const startS = slot * meanBlinkIntervalS + random(seed, 1, slot) * (meanBlinkIntervalS - 3 * blinkLengthS);
  const twice = random(seed, 2, slot) < 1 / 7;
  return Math.max(lid(atS - startS), twice ? lid(atS - startS - 1.4 * blinkLengthS) : 0);
}

/** Lids fall within a third of the blink and rise in the rest. */
function lid(sinceS: number): number {
  const phase = sinceS / blinkLengthS;
  if (phase <= 0 || phase >= 1) return 0;
  const x = phase < 0.33 ? phase / 0.33 : (1 - phase) / 0.67;
  return x * x * (3 - 2 * x);
}

/** Where the eyes rest: mostly on the viewer, now and then a little beside. Eyes jump within 60 ms. */
function glance(seed: number, atS: number): { readonly x: number; readonly y: number } {
  const slot = Math.floor(atS / glanceIntervalS);
  const target = (index: number) => {
    if (random(seed, 3, index) < 0.6) return { x: 0, y: 0 };
    return { x: (random(seed, 4, index) - 0.5) * 0.5, y: (random(seed, 5, index) - 0.5) * 0.3 };
  };
  const jump = Math.min(1, (atS - slot * glanceIntervalS) / 0.06);
  const from = target(slot - 1);
  const to = target(slot);
  return { x: from.x + (to.x - from.x) * jump, y: from.y + (to.y - from.y) * jump };
}

/**
 * The idle face: breath, sway, blinks, glances and, while the person speaks, attention. It depends on seed, session time and
 * attention alone, so that every renderer of a session agrees.
 * @param weights 52 values to be added to
 * @param attention 0..1, risen smoothly while the person speaks
 */
export function addIdle(weights: Float32Array, seed: number, atS: number, attention: number): IdlePose {
  const add = (index: number, value: number) => {
    weights[index] = Math.min(1, (weights[index] as number) + Math.max(0, value));
  };
  const closed = blink(seed, atS);
  add(blendShapeIndex.eyeBlinkLeft, closed);
  add(blendShapeIndex.eyeBlinkRight, closed);
  const eyes = glance(seed, atS);
  const look = { x: eyes.x * (1 - 0.8 * attention), y: eyes.y * (1 - 0.8 * attention) };
  add(blendShapeIndex.eyeLookOutLeft, look.x);
  add(blendShapeIndex.eyeLookInRight, look.x);
  add(blendShapeIndex.eyeLookInLeft, -look.x);
  add(blendShapeIndex.eyeLookOutRight, -look.x);
  for (const side of ["Left", "Right"] as const) {
    add(blendShapeIndex[`eyeLookUp${side}`], look.y);
    add(blendShapeIndex[`eyeLookDown${side}`], -look.y);
    add(blendShapeIndex[`mouthSmile${side}`], 0.1 + 0.05 * drift(seed, 9, atS) + 0.06 * attention);
  }
  add(blendShapeIndex.browInnerUp, 0.05 + 0.04 * drift(seed, 10, atS) + 0.14 * attention);
  // A listener nods now and then.
  const nod = attention * 0.03 * Math.max(0, Math.sin(2 * Math.PI * (atS / 2.9 + random(seed, 6, 0)))) ** 4;
  return {
    head: {
      yaw: 0.035 * drift(seed, 11, atS) + 0.02 * eyes.x,
      pitch: 0.02 * drift(seed, 12, atS) - nod,
      roll: 0.018 * drift(seed, 13, atS) + 0.03 * attention,
    },
    breath: 0.5 + 0.5 * Math.sin((2 * Math.PI * atS) / 3.7 + 2 * Math.PI * random(seed, 7, 0)),
  };
}
