import type { Mouth } from "./articulation.ts";
import type { LoudnessTrack } from "./loudness.ts";

const windowUs = 25_000;
const quietDb = -46;
const loudDb = -16;

/**
 * The fallback where a voice gives no phones: the level opens the jaw, a high spectral centroid (sibilants, front vowels) spreads the
 * lips and a low one rounds them. Lips never close on p, b and m this way.
 * @param timeUs from the first sample
 */
export function followEnvelope(loudness: LoudnessTrack, timeUs: number): Mouth {
  const [from, to] = [timeUs - windowUs, timeUs + windowUs];
  const opening = clamp((loudness.levelDb(from, to) - quietDb) / (loudDb - quietDb));
  const centroidHz = loudness.centroidHz(from, to);
  const wide = opening * clamp((centroidHz - 1_200) / 3_000);
  const round = opening * clamp((900 - centroidHz) / 900);
  return {
    jaw: 0.4 * opening * (1 - 0.6 * wide),
    wide: 0.5 * wide,
    pucker: 0.3 * round,
    funnel: 0.3 * round,
    upperUp: 0.1 * opening,
    lowerDown: 0.2 * opening,
    tongue: 0,
  };
}

/** A factor for the opening of voiced phones: soft speech opens less, loud speech more. */
export function openingFactor(levelDb: number): number {
  return 0.8 + 0.35 * clamp((levelDb + 40) / 28);
}

function clamp(x: number): number {
  return Math.max(0, Math.min(1, x));
}
