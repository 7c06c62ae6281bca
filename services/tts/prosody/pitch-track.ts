/** Pitch over time. */
export interface PitchTrack {
  readonly hopMs: number;
  /** Hz at the middle of each hop; 0 where there is no voice. */
  readonly pitchHz: Float32Array;
}

const hopMs = 5;
const windowMs = 30;
const lowestHz = 60;
const highestHz = 500;
/** The track is computed at a rate near this; harmonics above 2 kHz only disturb it. */
const workingHz = 8_000;
/** Cumulative mean normalised difference under which a frame is voiced. */
const voicedBelow = 0.3;
const quietestRms = 0.003;

/**
 * Fundamental frequency of speech by YIN's cumulative mean normalised difference (de Cheveigné & Kawahara, JASA 111, 2002), cleaned by
 * a median over 35 ms and without voiced stretches under 25 ms.
 */
export function trackPitch(samples: Float32Array, sampleRateHz: number): PitchTrack {
  const factor = Math.max(1, Math.round(sampleRateHz / workingHz));
  const rateHz = sampleRateHz / factor;
  const signal = decimate(samples, factor);
  const window = Math.round((windowMs * rateHz) / 1000);
  const lags = { from: Math.floor(rateHz / highestHz), to: Math.ceil(rateHz / lowestHz) };
  const difference = new Float64Array(lags.to + 2);
  const raw = new Float32Array(Math.max(0, Math.floor((samples.length * 1000) / (sampleRateHz * hopMs))));
  for (let frame = 0; frame < raw.length; frame++) {
    const centre = Math.round(((frame + 0.5) * hopMs * rateHz) / 1000);
    const from = centre - Math.round((window + lags.to) / 2);
    const lag = isQuiet(signal, centre, window) ? 0 : bestLag(signal, from, window, lags, difference);
    raw[frame] = lag === 0 ? 0 : rateHz / lag;
  }
  return { hopMs, pitchHz: dropShortStretches(medianFiltered(raw)) };
}

/** Averages over two groups of samples, twice: enough of a low-pass filter for a pitch. */
function decimate(samples: Float32Array, factor: number): Float32Array {
  const smooth = (input: Float32Array) => {
    const output = new Float32Array(input.length);
    let sum = 0;
    for (let n = 0; n < input.length; n++) {
      sum += (input[n] as number) - (n >= factor ? (input[n - factor] as number) : 0);
      output[n] = sum / factor;
    }
    return output;
  };
  const filtered = factor === 1 ? samples : smooth(smooth(samples));
  return Float32Array.from(
    { length: Math.floor(samples.length / factor) },
    (_, n) => filtered[Math.min(samples.length - 1, n * factor + factor - 1)] ?? 0,
  );
}

function isQuiet(signal: Float32Array, centre: number, window: number): boolean {
  let energy = 0;
  for (let n = centre - window / 2; n < centre + window / 2; n++) energy += (signal[Math.floor(n)] ?? 0) ** 2;
  return energy < quietestRms ** 2 * window;
}

/** The period in samples, a fraction, or 0. */
function bestLag(signal: Float32Array, from: number, window: number, lags: { from: number; to: number }, difference: Float64Array): number {
  let total = 0;
  for (let lag = 1; lag <= lags.to + 1; lag++) {
    let sum = 0;
    for (let n = from; n < from + window; n++) {
      const gap = (signal[n] ?? 0) - (signal[n + lag] ?? 0);
      sum += gap * gap;
    }
    total += sum;
    difference[lag] = total === 0 ? 1 : (sum * lag) / total;
  }
  const valueAt = (lag: number) => difference[lag] as number;
  let best = 0;
  for (let lag = lags.from; lag <= lags.to; lag++) {
    if (valueAt(lag) >= voicedBelow || valueAt(lag) > valueAt(lag + 1)) continue;
    best = lag;
    break;
  }
  if (best === 0) return 0;
  const [before, at, after] = [valueAt(best - 1), valueAt(best), valueAt(best + 1)];
  const curve = before - 2 * at + after;
  return best + (curve > 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * curve))) : 0);
}

/** The middle of seven frames, where most of them have a voice; single frames that jump by an octave go. */
function medianFiltered(raw: Float32Array): Float32Array {
  const reach = 3;
  return raw.map((_, frame) => {
    const around = raw.subarray(Math.max(0, frame - reach), frame + reach + 1);
    const voiced = around.filter((pitch) => pitch > 0).sort();
    return voiced.length * 2 > around.length ? (voiced[voiced.length >> 1] as number) : 0;
  });
}

function dropShortStretches(pitchHz: Float32Array): Float32Array {
  const shortest = 25 / hopMs;
  for (let from = 0; from < pitchHz.length; ) {
    let to = from;
    while (to < pitchHz.length && (pitchHz[to] as number) > 0) to++;
    if (to - from < shortest) pitchHz.fill(0, from, to);
    from = to + 1;
  }
  return pitchHz;
}
