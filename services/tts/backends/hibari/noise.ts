/** A fixed run of standard normal values that is read from anywhere: cheap, repeatable noise. */
export interface NoiseTable {
  readonly values: Float32Array;
  /** A pseudo-random start with at least `count` values after it. */
  seek(count: number): number;
  /** Starts the sequence of places anew. */
  reset(seed: number): void;
}

/** Box-Muller over a multiplicative congruential generator (Park & Miller, 1988). */
export function createNoiseTable(length: number): NoiseTable {
  const modulus = 2_147_483_647;
  let state = 1;
  const uniform = () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
  state = 20_231;
  const values = new Float32Array(length);
  for (let index = 0; index < length; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    values[index] = radius * Math.cos(angle);
    values[index + 1] = radius * Math.sin(angle);
  }
  return {
    values,
    seek: (count) => Math.floor(uniform() * (length - count)),
    reset(seed) {
      state = 1 + (Math.abs(Math.trunc(seed)) % (modulus - 1));
    },
  };
}
