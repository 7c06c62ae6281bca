import { type Series, seriesStepMs } from "./series.ts";
import type { SoundSamples } from "./sound-samples.ts";

/**
 * The opening of a mouth goes with the loudness around the second formant (Grant & Seitz, "The use of visible speech cues for
 * improving auditory detection of spoken sentences", JASA 108(3), 2000). Below it, m and n hum behind closed lips: with a lower edge
 * of 300 Hz, clips rich in m measured 35 ms apart from others, with this one 8 ms.
 */
const lowHz = 800;
const highHz = 3000;
/** Loudness grows about with this power of the amplitude. */
const compression = 0.4;

/** How loud the voice is: band 800 to 3000 Hz, RMS of 10 ms, compressed. */
export function speechEnvelope({ sampleRateHz, startS, samples }: SoundSamples): Series {
  const band = lowPass(highPass(samples, lowHz, sampleRateHz), highHz, sampleRateHz);
  const step = Math.round((sampleRateHz * seriesStepMs) / 1000);
  const values = new Float64Array(Math.floor(band.length / step));
  for (let n = 0; n < values.length; n++) {
    let sum = 0;
    for (let k = n * step; k < (n + 1) * step; k++) sum += (band[k] as number) ** 2;
    values[n] = Math.sqrt(sum / step) ** compression;
  }
  // A value stands for the middle of its 10 ms.
  return { startS: startS + seriesStepMs / 2000, values };
}

/** Second-order Butterworth sections (RBJ audio EQ cookbook, Q = 1/sqrt 2), once forward and once backward: no delay. */
function highPass(samples: Float32Array, cornerHz: number, sampleRateHz: number): Float32Array {
  const { cosine, alpha } = corner(cornerHz, sampleRateHz);
  return zeroPhase(samples, [(1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2], [1 + alpha, -2 * cosine, 1 - alpha]);
}

function lowPass(samples: Float32Array, cornerHz: number, sampleRateHz: number): Float32Array {
  const { cosine, alpha } = corner(cornerHz, sampleRateHz);
  return zeroPhase(samples, [(1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2], [1 + alpha, -2 * cosine, 1 - alpha]);
}

function corner(cornerHz: number, sampleRateHz: number) {
  const omega = (2 * Math.PI * cornerHz) / sampleRateHz;
  return { cosine: Math.cos(omega), alpha: Math.sin(omega) / Math.SQRT2 };
}

type Taps = readonly [number, number, number];

function zeroPhase(samples: Float32Array, numerator: Taps, denominator: Taps): Float32Array {
  return biquad(biquad(samples, numerator, denominator).reverse(), numerator, denominator).reverse();
}

function biquad(samples: Float32Array, [b0, b1, b2]: Taps, [a0, a1, a2]: Taps): Float32Array {
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return samples.map((x) => {
    const y = (b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2) / a0;
    [x1, x2, y1, y2] = [x, x1, y, y1];
    return y;
  });
}
