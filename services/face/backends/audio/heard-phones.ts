import type { TimedPhone } from "../backend.ts";
import type { MouthNetLayout } from "./mouth-net.ts";

/** Makes of each step's probabilities the phone that the mouth is to show. */
export interface HeardPhones {
  /**
   * Call in order of time.
   * @param posteriors one step's probabilities
   * @param startUs, endUs of the step told of
   */
  hear(posteriors: Float32Array, startUs: number, endUs: number): TimedPhone;
}

/** A class must count for more than the one being shown by so much, so that the mouth does not waver. */
const hysteresis = 0.05;

/**
 * First the class of look-alike phones with the greatest sum, then its likeliest phone: /p/, /b/ and /m/ close the lips even when
 * none of the three alone is the likeliest phone.
 */
export function createHeardPhones({ phones, classes, gains }: MouthNetLayout): HeardPhones {
  const sums = new Float64Array(Math.max(...classes) + 1);
  let shown = classes[phones.indexOf("")] as number;
  return {
    hear(posteriors, startUs, endUs) {
      sums.fill(0);
      for (const [index, group] of classes.entries())
        sums[group] = (sums[group] as number) + (gains[group] as number) * (posteriors[index] as number);
      const best = sums.indexOf(Math.max(...sums));
      if ((sums[best] as number) > (sums[shown] as number) + hysteresis) shown = best;
      let likeliest = classes.indexOf(shown);
      for (const [index, group] of classes.entries()) {
        if (group === shown && (posteriors[index] as number) > (posteriors[likeliest] as number)) likeliest = index;
      }
      return { symbol: phones[likeliest] as string, startUs, endUs };
    },
  };
}
