import { hopSamples, sampleRateHz, unvoicedBelowHz } from "./signal-format.ts";

const highestHarmonicHz = 11_000;

/**
 * A band-limited pulse train along a pitch curve of one value per frame: all harmonics below 11 kHz at unit amplitude, by the closed
 * form of the Dirichlet kernel; silent where the pitch is under 40 Hz. One hop of samples per frame.
 */
export function createPulseTrain(pitchHz: Float32Array): Float64Array {
  const frames = pitchHz.length;
  const signal = new Float64Array(frames * hopSamples);
  let cycles = 0;
  for (let n = 0; n < signal.length; n++) {
    const position = (n + 0.5) / hopSamples - 0.5;
    const before = Math.floor(position);
    const share = position - before;
    const low = pitchHz[Math.max(0, before)] as number;
    const high = pitchHz[Math.min(frames - 1, before + 1)] as number;
    const pitch = low + (high - low) * share;
    cycles += Math.max(pitch, unvoicedBelowHz) / sampleRateHz;
    cycles -= Math.floor(cycles);
    if (pitch > unvoicedBelowHz) signal[n] = harmonicSum(2 * Math.PI * cycles, Math.floor(highestHarmonicHz / pitch));
  }
  return signal;
}

/** The sum of cos(h * angle) for h = 1..count. */
function harmonicSum(angle: number, count: number): number {
  const denominator = 2 * Math.sin(angle / 2);
  if (Math.abs(denominator) < 2e-3) return count;
  return Math.sin((count + 0.5) * angle) / denominator - 0.5;
}
