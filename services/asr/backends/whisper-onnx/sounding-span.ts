/** Quieter than this below the loudest frame is taken for the silence around the speech. */
const RANGE_DB = 35;

/** The part of the sound that is not the silence before and after it, in whole frames: [startSample, endSample). */
export function findSoundingSpan(samples: Float32Array, frameSamples: number): { readonly start: number; readonly end: number } {
  const energies: number[] = [];
  for (let start = 0; start < samples.length; start += frameSamples)
    energies.push(meanSquare(samples.subarray(start, start + frameSamples)));
  const threshold = Math.max(...energies, 0) / 10 ** (RANGE_DB / 10);
  const first = energies.findIndex((energy) => energy > threshold);
  if (first < 0) return { start: 0, end: samples.length };
  const last = energies.findLastIndex((energy) => energy > threshold);
  return { start: first * frameSamples, end: Math.min(samples.length, (last + 1) * frameSamples) };
}

function meanSquare(samples: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index++) sum += (samples[index] as number) ** 2;
  return sum / samples.length;
}
