export interface RoomOptions {
  readonly rateHz: number;
  /** From the loudspeaker's signal to its first sound in the microphone. */
  readonly delayMs: number;
  /** Time in which the room's response falls by 60 dB. */
  readonly fadeSeconds: number;
  /** Root mean square of the echo over that of the sound. */
  readonly level: number;
}

/** What a microphone hears of a loudspeaker in a room: the direct sound, and reflections at random that fade. Always the same. */
export function roomEcho(sound: Float32Array, { rateHz, delayMs, fadeSeconds, level }: RoomOptions): Float32Array {
  const random = randomNumbers(7);
  const delay = Math.round((delayMs / 1000) * rateHz);
  const echo = new Float32Array(sound.length);
  const add = (after: number, gain: number) => {
    for (let index = after; index < echo.length; index++) echo[index] = (echo[index] as number) + gain * (sound[index - after] as number);
  };
  add(delay, 1);
  for (let after = 20; after < fadeSeconds * rateHz * 0.8; after += 9 + Math.floor(random() * 24))
    add(delay + after, (random() + random() - 1) * 10 ** ((-3 * after) / (fadeSeconds * rateHz)));
  const scale = (level * rms(sound)) / rms(echo);
  return echo.map((sample) => sample * scale);
}

const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** Numerical Recipes' linear congruential generator; 0..1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
