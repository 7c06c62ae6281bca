/** One triangle: weights of the consecutive spectrum bins from `firstBin` on. */
export interface MelFilter {
  readonly firstBin: number;
  readonly weights: Float64Array;
}

/**
 * Triangular filters of equal area, evenly spaced on Slaney's mel scale (Slaney, Auditory Toolbox, 1998):
 * linear below 1 kHz, logarithmic above.
 * @param fourierSize samples per frame; the spectrum has fourierSize / 2 + 1 bins
 */
export function createMelFilters(count: number, fourierSize: number, sampleRateHz: number): readonly MelFilter[] {
  const topMel = hertzToMel(sampleRateHz / 2);
  const edges = Array.from({ length: count + 2 }, (_, index) => melToHertz((topMel * index) / (count + 1)));
  return Array.from({ length: count }, (_, index) => {
    const [low, centre, high] = edges.slice(index, index + 3) as [number, number, number];
    return createFilter(low, centre, high, fourierSize, sampleRateHz);
  });
}

function createFilter(lowHz: number, centreHz: number, highHz: number, fourierSize: number, sampleRateHz: number): MelFilter {
  const weights: number[] = [];
  let firstBin = 0;
  for (let bin = 0; bin <= fourierSize / 2; bin++) {
    const frequencyHz = (bin * sampleRateHz) / fourierSize;
    const weight = Math.min((frequencyHz - lowHz) / (centreHz - lowHz), (highHz - frequencyHz) / (highHz - centreHz));
    if (weight <= 0) continue;
    if (weights.length === 0) firstBin = bin;
    weights.push((weight * 2) / (highHz - lowHz));
  }
  return { firstBin, weights: Float64Array.from(weights) };
}

const LINEAR_HZ_PER_MEL = 200 / 3;
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / LINEAR_HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

function hertzToMel(frequencyHz: number): number {
  return frequencyHz < BREAK_HZ ? frequencyHz / LINEAR_HZ_PER_MEL : BREAK_MEL + Math.log(frequencyHz / BREAK_HZ) / LOG_STEP;
}

function melToHertz(mel: number): number {
  return mel < BREAK_MEL ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp((mel - BREAK_MEL) * LOG_STEP);
}
