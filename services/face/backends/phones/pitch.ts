const lowestHz = 65;
const highestHz = 420;
/** Enough for the highest pitch; the sound is averaged down to about this rate. */
const reducedHz = 8_000;
const windowUs = 45_000;
const keptUs = 1_500_000;
/** Below this likeness to itself a period later the sound has no pitch. */
const leastLikeness = 0.5;
/** A shorter period is taken when it is nearly as good, so that an octave below is not. */
const nearlyBest = 0.9;

/** The pitch of the speech's last second or so. */
export interface PitchTrack {
  push(samples: Int16Array): void;
  /** Pitch about a moment (from the first sample) in Hz; undefined in silence and voiceless sound. */
  pitchHz(timeUs: number): number | undefined;
}

/** Normalised autocorrelation of a window of 45 ms (Boersma, "Accurate short-term analysis of the fundamental frequency", 1993). */
export function createPitchTrack(sampleRateHz: number): PitchTrack {
  const factor = Math.max(1, Math.round(sampleRateHz / reducedHz));
  const rateHz = sampleRateHz / factor;
  const length = Math.round((windowUs * rateHz) / 1_000_000);
  let kept: number[] = [];
  let dropped = 0;
  let sum = 0;
  let count = 0;

  return {
    push(samples) {
      for (const sample of samples) {
        sum += sample;
        if (++count < factor) continue;
        kept.push(sum / (32_768 * factor));
        sum = 0;
        count = 0;
      }
      const excess = kept.length - Math.round((keptUs * rateHz) / 1_000_000);
      if (excess > 0) {
        kept = kept.slice(excess);
        dropped += excess;
      }
    },
    pitchHz(timeUs) {
      const from = Math.round((timeUs * rateHz) / 1_000_000 - length / 2) - dropped;
      const longest = Math.floor(rateHz / lowestHz);
      if (from < 0 || from + length + longest > kept.length) return undefined;
      return periodicityHz(kept.slice(from, from + length + longest), length, rateHz);
    },
  };
}

function periodicityHz(sound: readonly number[], length: number, rateHz: number): number | undefined {
  const energy = (from: number) => {
    let total = 0;
    for (let n = from; n < from + length; n++) total += (sound[n] as number) ** 2;
    return total;
  };
  const first = energy(0);
  if (first / length < 1e-6) return undefined;
  const likeness: number[] = [];
  const shortest = Math.ceil(rateHz / highestHz);
  for (let lag = shortest; lag < sound.length - length; lag++) {
    let product = 0;
    for (let n = 0; n < length; n++) product += (sound[n] as number) * (sound[n + lag] as number);
    likeness.push(product / Math.sqrt(first * energy(lag) + 1e-12));
  }
  const best = Math.max(...likeness);
  if (best < leastLikeness) return undefined;
  const peak = likeness.findIndex(
    (value, n) => value >= nearlyBest * best && value >= (likeness[n - 1] ?? -1) && value >= (likeness[n + 1] ?? -1),
  );
  return peak < 0 ? undefined : rateHz / (peak + shortest);
}
