import type { BlendShapeName } from "@troupe/timeline";
import type { Delivery } from "../backend.ts";

/** What a delivery does to the face beside the mouth's shapes for sounds. */
export interface Expression {
  /** Factors: opening of vowels, nods and turns, brow beats. */
  readonly opening: number;
  readonly head: number;
  readonly brow: number;
  /** Added to the weights; the mouth's share only as far as the lips are apart. */
  readonly smile: number;
  readonly weights: Readonly<Partial<Record<BlendShapeName, number>>>;
}

const both = (name: "eyeSquint" | "eyeWide" | "browOuterUp" | "cheekSquint", value: number) => ({
  [`${name}Left`]: value,
  [`${name}Right`]: value,
});

/** Affect shows in brows, lids, cheeks and smile and in the size of movements (Ekman & Friesen's action units 1, 2, 5, 6 and 12). */
const expressions: Readonly<Record<Delivery, Expression>> = {
  neutral: { opening: 1, head: 1, brow: 1, smile: 0, weights: {} },
  gentle: {
    opening: 0.95,
    head: 0.6,
    brow: 0.6,
    smile: 0.14,
    weights: { browInnerUp: 0.12, ...both("eyeSquint", 0.1), ...both("cheekSquint", 0.08) },
  },
  excited: {
    opening: 1.06,
    head: 1.5,
    brow: 1.7,
    smile: 0.2,
    weights: { browInnerUp: 0.1, ...both("browOuterUp", 0.16), ...both("eyeWide", 0.16) },
  },
};

/** Half of the way to another expression takes about this long. */
const blendUs = 160_000;

/** The expression of a response over time. */
export interface ExpressionTrack {
  /** From that moment on the speech is said so. */
  change(atUs: number, delivery: Delivery): void;
  /** Call in order of time. */
  at(timeUs: number): Expression;
}

export function createExpressionTrack(): ExpressionTrack {
  const changes: { readonly atUs: number; readonly delivery: Delivery }[] = [];
  let shown = expressions.neutral;
  let lastUs = Number.NEGATIVE_INFINITY;
  return {
    change(atUs, delivery) {
      changes.push({ atUs, delivery });
    },
    at(timeUs) {
      const wanted = expressions[changes.findLast(({ atUs }) => atUs <= timeUs)?.delivery ?? "neutral"];
      const share = lastUs === Number.NEGATIVE_INFINITY ? 1 : 1 - 0.5 ** (Math.max(0, timeUs - lastUs) / blendUs);
      lastUs = timeUs;
      shown = mix(shown, wanted, share);
      return shown;
    },
  };
}

function mix(from: Expression, to: Expression, share: number): Expression {
  const between = (a: number, b: number) => a + share * (b - a);
  const names = [...new Set([...Object.keys(from.weights), ...Object.keys(to.weights)])] as BlendShapeName[];
  return {
    opening: between(from.opening, to.opening),
    head: between(from.head, to.head),
    brow: between(from.brow, to.brow),
    smile: between(from.smile, to.smile),
    weights: Object.fromEntries(names.map((name) => [name, between(from.weights[name] ?? 0, to.weights[name] ?? 0)])),
  };
}
