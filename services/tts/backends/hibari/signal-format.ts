/** The frame grid of the model: 12.5 ms hops of 50 ms windows at 24 kHz. */
export const sampleRateHz = 24_000;
export const hopSamples = 300;
export const windowSamples = 1200;
export const binCount = windowSamples / 2 + 1;
/** Durations come in units of two hops. */
export const samplesPerDuration = 2 * hopSamples;

/** A pitch under this means no voice. */
export const unvoicedBelowHz = 40;

/** What the network says about every frame; the spectra are [binCount, frames], row by row. */
export interface FrameSpectra {
  readonly frames: number;
  /** Log magnitude of the harmonic part; its phase is pi * tanh(harmonicPhase). */
  readonly harmonicLog: Float32Array;
  readonly harmonicPhase: Float32Array;
  readonly noiseLog: Float32Array;
  /** Log magnitude and phase of what is neither harmonic nor noise, such as bursts. */
  readonly residualLog: Float32Array;
  readonly residualPhase: Float32Array;
  /** Hz per frame; under 40 unvoiced. */
  readonly pitchHz: Float32Array;
}
