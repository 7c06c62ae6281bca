const slotUs = 5_000;
const slotsPerSecond = 1_000_000 / slotUs;

/** Energy of the speech in slots of 5 ms that lie on the stream's sample grid, however the samples arrive. */
export interface LoudnessTrack {
  push(samples: Int16Array): void;
  /** Mean power of the slots from the one of `fromUs` to the last that ends by `toUs` (from the first sample), dB of full scale; -100: nothing. */
  levelDb(fromUs: number, toUs: number): number;
  /** Root of the second spectral moment over the same stretch, in Hz; 0 where nothing is. */
  centroidHz(fromUs: number, toUs: number): number;
}

/** The second moment comes from the energy of the first difference (Parseval), without a transform. */
export function createLoudnessTrack(sampleRateHz: number): LoudnessTrack {
  const energies: number[] = [];
  const slopes: number[] = [];
  let received = 0;
  let last = 0;

  const sum = (values: readonly number[], fromUs: number, toUs: number) => {
    let total = 0;
    for (let slot = Math.max(0, Math.floor(fromUs / slotUs)); slot < Math.min(values.length, Math.floor(toUs / slotUs + 1e-9)); slot++) {
      total += values[slot] as number;
    }
    return total;
  };

  return {
    push(samples) {
      for (const sample of samples) {
        const value = sample / 32_768;
        const slot = Math.floor((received * slotsPerSecond) / sampleRateHz);
        energies[slot] = (energies[slot] ?? 0) + value * value;
        slopes[slot] = (slopes[slot] ?? 0) + (value - last) ** 2;
        last = value;
        received++;
      }
    },
    levelDb(fromUs, toUs) {
      const samples = ((toUs - fromUs) * sampleRateHz) / 1_000_000;
      return 10 * Math.log10(sum(energies, fromUs, toUs) / samples + 1e-10);
    },
    centroidHz(fromUs, toUs) {
      const energy = sum(energies, fromUs, toUs);
      if (energy < 1e-9) return 0;
      const slope = Math.sqrt(Math.min(4, sum(slopes, fromUs, toUs) / energy));
      return (Math.asin(slope / 2) * sampleRateHz) / Math.PI;
    },
  };
}
