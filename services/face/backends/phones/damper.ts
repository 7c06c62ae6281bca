/** A mass on a critically damped spring: follows its target without overshoot, about 2 / rate behind. */
export interface Damper {
  readonly value: number;
  /** The exact solution for a target that holds still for `seconds`. */
  step(target: number, seconds: number): void;
}

/** @param ratePerSecond natural frequency, in radians */
export function createDamper(ratePerSecond: number): Damper {
  let value = 0;
  let velocity = 0;
  return {
    get value() {
      return value;
    },
    step(target, seconds) {
      const gap = value - target;
      const drift = velocity + ratePerSecond * gap;
      const decay = Math.exp(-ratePerSecond * seconds);
      value = target + (gap + drift * seconds) * decay;
      velocity = (velocity - ratePerSecond * drift * seconds) * decay;
    },
  };
}
