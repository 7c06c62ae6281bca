/** Root mean square in dB of full scale: 0 for a square wave of ±1, -Infinity for silence or no samples. */
export function rmsDb(samples: Float32Array): number {
  let squares = 0;
  for (let index = 0; index < samples.length; index++) squares += (samples[index] as number) ** 2;
  return samples.length === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(squares / samples.length);
}
