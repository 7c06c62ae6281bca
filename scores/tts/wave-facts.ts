import { rmsDb } from "@troupe/audio";
import { trackLevel } from "./level-track.ts";

/** What a look at a wave shows. */
export interface WaveFacts {
  readonly levelDb: number;
  readonly peakDb: number;
  /** Samples at full scale. */
  readonly clipped: number;
  /** Of the longest stretch under -50 dB inside the speech. */
  readonly longestSilenceMs: number;
}

const silentBelowDb = -50;

export function waveFacts(samples: Float32Array, sampleRateHz: number): WaveFacts {
  let peak = 0;
  let clipped = 0;
  for (const sample of samples) {
    peak = Math.max(peak, Math.abs(sample));
    if (Math.abs(sample) >= 0.999) clipped++;
  }
  const level = trackLevel(samples, sampleRateHz, "all");
  const loud = (db: number) => db > silentBelowDb;
  const inside = level.subarray(level.findIndex(loud), level.findLastIndex(loud) + 1);
  let longest = 0;
  let silence = 0;
  for (const db of inside) {
    silence = loud(db) ? 0 : silence + 1;
    longest = Math.max(longest, silence);
  }
  return { levelDb: rmsDb(samples), peakDb: 20 * Math.log10(peak + 1e-9), clipped, longestSilenceMs: longest };
}
