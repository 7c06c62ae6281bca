/** The frame grid of the model. Durations, features: one per frame of 25 ms; pitch and energy: two per frame; 24 kHz. */
export const sampleRateHz = 24_000;
export const frameSamples = 600;
export const featureCount = 512;
/** Means and variances of the decoder's normalisations. */
export const statisticCount = 35_860;

/** What the prosody graph says about a run. */
export interface RunPlan {
  readonly frames: number;
  /** Frames per symbol and for the padding at each end. */
  readonly durations: Float32Array;
  /** [featureCount, frames], row by row. */
  readonly features: Float32Array;
  /** Two per frame; under 10 unvoiced. */
  readonly pitchHz: Float32Array;
  /** Two per frame; about -10 (silence) to 10, on a logarithmic scale. */
  readonly energy: Float32Array;
}

export function toSamples(ms: number): number {
  return Math.round((ms * sampleRateHz) / 1000);
}

export function toUs(samples: number): number {
  return Math.round((samples * 1_000_000) / sampleRateHz);
}
