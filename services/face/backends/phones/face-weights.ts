import { type BlendShapeName, blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import type { Mouth } from "./articulation.ts";
import type { Expression } from "./expression.ts";

/** A face at one moment; everything 0..1. */
export interface Face {
  readonly mouth: Mouth;
  /** 1 = the lips meet. */
  readonly lipContact: number;
  /** 1 = the lower lip touches the upper teeth. */
  readonly teethContact: number;
  readonly brow: number;
  readonly expression: Expression;
}

/** ARKit weights. mouthClose equals jawOpen where the lips meet: it brings them together whatever the jaw does. */
export function toWeights({ mouth, lipContact, teethContact, brow, expression }: Face): Float32Array {
  const weights = new Float32Array(blendShapeNames.length);
  const set = (name: BlendShapeName, value: number) => {
    weights[blendShapeIndex[name]] = Math.max(0, Math.min(1, value));
  };
  const setBoth = (
    name: "mouthStretch" | "mouthSmile" | "mouthPress" | "mouthUpperUp" | "mouthLowerDown" | "browOuterUp",
    value: number,
  ) => {
    set(`${name}Left`, value);
    set(`${name}Right`, value);
  };
  const parted = 1 - lipContact;
  const free = parted * (1 - teethContact);
  const jaw = mouth.jaw * (1 - 0.55 * lipContact) * (1 - 0.6 * teethContact);
  set("jawOpen", jaw);
  set("mouthClose", jaw * lipContact);
  set("mouthFunnel", mouth.funnel * parted);
  set("mouthPucker", mouth.pucker * (1 - 0.4 * lipContact) * (1 - 0.5 * teethContact));
  setBoth("mouthStretch", 0.6 * mouth.wide * (1 - 0.7 * lipContact));
  setBoth("mouthSmile", 0.3 * mouth.wide + expression.smile * (1 - mouth.pucker) * (1 - 0.5 * lipContact));
  setBoth("mouthPress", 0.45 * lipContact);
  set("mouthRollLower", Math.max(0.2 * lipContact, 0.6 * teethContact * parted));
  set("mouthRollUpper", 0.15 * lipContact);
  setBoth("mouthUpperUp", Math.max(mouth.upperUp * free, 0.18 * teethContact * parted));
  setBoth("mouthLowerDown", mouth.lowerDown * free);
  set("tongueOut", mouth.tongue * parted);
  set("browInnerUp", brow);
  setBoth("browOuterUp", 0.7 * brow);
  for (const [name, value] of Object.entries(expression.weights) as [BlendShapeName, number][]) {
    set(name, (weights[blendShapeIndex[name]] ?? 0) + value);
  }
  return weights;
}

/** How far apart the lips are, in units of jawOpen: 0 = they meet. */
export function lipGap(weights: ArrayLike<number>): number {
  const of = (name: BlendShapeName) => weights[blendShapeIndex[name]] ?? 0;
  const raised = (of("mouthUpperUpLeft") + of("mouthUpperUpRight")) / 2;
  const lowered = (of("mouthLowerDownLeft") + of("mouthLowerDownRight")) / 2;
  return Math.max(0, of("jawOpen") - of("mouthClose") + 0.3 * (raised + lowered) + 0.2 * of("mouthFunnel"));
}
