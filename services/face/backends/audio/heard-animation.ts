import type { Delivery, MotionFrame, SpeechChunk, TimedPhone } from "../backend.ts";
import { createAnimator } from "../phones/animator.ts";

/** The animator of phones, for phones that are heard step by step while the sound goes on. */
export interface HeardAnimation {
  receive(samples: Int16Array, delivery?: Delivery): void;
  /** The next step's phone. */
  hear(phone: TimedPhone): void;
  /** Lets the sound received go to the animator, up to a moment from the first sample. */
  advance(untilUs: number): MotionFrame[];
  /** Whether all sound up to the moment has been received. */
  hasReceived(untilUs: number): boolean;
  /** Whether it has gone to the animator. */
  hasShown(untilUs: number): boolean;
  finish(): MotionFrame[];
}

/**
 * How long after its end as heard so far a phone is expected to last: as long as the mouth's path reaches ahead. The mouth then heads for
 * the shape that it knows, instead of coasting. Silence also keeps the animator from falling back on the loudness.
 */
const phoneGoesOnUs = 40_000;
const silenceGoesOnUs = 150_000;

export function createHeardAnimation(first: Pick<SpeechChunk, "ptsUs" | "sampleRateHz">, framesPerSecond: number): HeardAnimation {
  const animator = createAnimator(first, framesPerSecond);
  const deliveries: { readonly atSample: number; readonly delivery: Delivery }[] = [];
  let held: Int16Array = new Int16Array();
  let shown = 0;
  let lastSymbol: string | undefined;
  const samplesUntil = (untilUs: number) => Math.floor((untilUs * first.sampleRateHz) / 1_000_000 + 1e-6);

  /** Sound up to the next change of delivery, at most. */
  function show(count: number): void {
    const delivery = deliveries[0]?.atSample === shown ? deliveries.shift()?.delivery : undefined;
    const part = Math.min(count, (deliveries[0]?.atSample ?? Number.POSITIVE_INFINITY) - shown);
    animator.push(held.subarray(0, part), [], delivery);
    held = held.slice(part);
    shown += part;
  }

  return {
    receive(samples, delivery) {
      if (delivery && samples.length > 0) deliveries.push({ atSample: shown + held.length, delivery });
      const joined = new Int16Array(held.length + samples.length);
      joined.set(held);
      joined.set(samples, held.length);
      held = joined;
    },
    hear(phone) {
      const endUs = phone.endUs + (phone.symbol === "" ? silenceGoesOnUs : phoneGoesOnUs);
      if (phone.symbol === lastSymbol) return animator.prolong(endUs);
      animator.prolong(phone.startUs);
      animator.push(new Int16Array(), [{ ...phone, endUs }]);
      lastSymbol = phone.symbol;
    },
    advance(untilUs) {
      const target = Math.min(shown + held.length, samplesUntil(untilUs));
      if (target <= shown) return [];
      while (shown < target) show(target - shown);
      return animator.ready();
    },
    hasReceived: (untilUs) => shown + held.length >= samplesUntil(untilUs),
    hasShown: (untilUs) => shown >= samplesUntil(untilUs),
    finish: () => animator.finish(),
  };
}
