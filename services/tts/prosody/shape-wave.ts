import { shiftPitch } from "./pitch-shift.ts";
import { type PitchTrack, trackPitch } from "./pitch-track.ts";
import { leavesWaveAlone, type Prosody } from "./prosody.ts";

const shelfHz = 2_000;

/**
 * Pitch, pitch range, level and tilt of a prosody on a waveform in -1..1, for models that give nothing else. The length stays, so
 * phone times do too; the rate is left to the model.
 * @param track the pitch, where the model says it; measured otherwise
 */
export function shapeWave(samples: Float32Array, sampleRateHz: number, prosody: Prosody, track?: PitchTrack): Float32Array {
  if (leavesWaveAlone(prosody)) return samples;
  const { pitchSemitones, pitchRange, gainDb, tiltDb } = prosody;
  const keepsPitch = pitchSemitones === 0 && pitchRange === 1;
  const pitched = keepsPitch
    ? samples
    : shiftPitch(samples, sampleRateHz, {
        semitones: pitchSemitones,
        range: pitchRange,
        track: track ?? trackPitch(samples, sampleRateHz),
      });
  return shelve(pitched, sampleRateHz, 10 ** (gainDb / 20), 10 ** (tiltDb / 20));
}

/** A first-order high shelf: `low` at 0 Hz, `low * high` far above its corner, half of the dB there. */
function shelve(samples: Float32Array, sampleRateHz: number, low: number, high: number): Float32Array {
  const tangent = Math.tan((Math.PI * shelfHz) / sampleRateHz);
  const root = Math.sqrt(high);
  const scale = 1 / (1 + tangent * root);
  const b0 = (root + tangent) * root * scale;
  const b1 = (tangent - root) * root * scale;
  const a1 = (tangent * root - 1) * scale;
  const output = new Float32Array(samples.length);
  let [x1, y1] = [0, 0];
  for (let n = 0; n < samples.length; n++) {
    const x = samples[n] as number;
    const y = b0 * x + b1 * x1 - a1 * y1;
    output[n] = Math.max(-1, Math.min(1, low * y));
    x1 = x;
    y1 = y;
  }
  return output;
}
