/** Numbers in 0..1 that a seed fixes: the minimal standard generator (Park and Miller 1988). */
export function createRandom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Standard normal numbers, by Box and Muller 1958. */
export function whiteNoise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()));
}

/** Falls by 3 dB an octave: the sum of white noises held for 1, 2, 4, … samples (Voss and Clarke 1978). */
export function pinkNoise(length: number, seed: number): Float32Array {
  const white = whiteNoise(length * 2 + 16, seed);
  const octaves = new Float32Array(16);
  let next = 0;
  return Float32Array.from({ length }, (_, index) => {
    const octave = index === 0 ? 0 : Math.min(15, 31 - Math.clz32(index & -index));
    octaves[octave] = white[next++] as number;
    return octaves.reduce((sum, value) => sum + value, 0) + (white[next++] as number);
  });
}

/** Several voices at once: each a chain of the given sounds from a random one on, all equally loud. */
export function babble(voices: readonly Float32Array[], length: number, seed: number, count = 6): Float32Array {
  const random = createRandom(seed);
  const sum = new Float32Array(length);
  for (let voice = 0; voice < count; voice++) {
    let at = -Math.floor(random() * 16_000);
    while (at < length) {
      const sound = voices[Math.floor(random() * voices.length)] as Float32Array;
      const gain = 1 / (rms(sound) + 1e-9);
      for (let index = Math.max(0, -at); index < sound.length && at + index < length; index++)
        sum[at + index] = (sum[at + index] as number) + gain * (sound[index] as number);
      at += sound.length;
    }
  }
  return sum;
}

/** Adds noise so that the speech is so much louder than it, both as the power over the whole length. */
export function atSnr(speech: Float32Array, noise: Float32Array, snrDb: number): Float32Array {
  const gain = rms(speech) / (rms(noise) * 10 ** (snrDb / 20));
  const mixed = speech.map((sample, index) => sample + gain * (noise[index] as number));
  const peak = mixed.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  return mixed.map((sample) => sample / peak);
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
