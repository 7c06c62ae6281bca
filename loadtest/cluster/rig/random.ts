export { seededRandom } from "../../av-offset/random.ts";

/** One of them, each as likely. */
export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

/** Time until the next of events that come at random, with that mean. */
export const exponential = (random: () => number, mean: number): number => -Math.log(1 - random()) * mean;
