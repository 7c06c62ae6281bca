import { rmsDb } from "@troupe/audio";
import type { Delivery, TtsBackend } from "@troupe/tts/backends";
import { trackPitch } from "@troupe/tts/backends";
import { median, quantile, type Spoken, speak } from "./spoken.ts";

/** What can be measured of a way to say something. */
export interface Manner {
  readonly pitchHz: number;
  /** From the 10th to the 90th percentile, in semitones. */
  readonly rangeSemitones: number;
  readonly levelDb: number;
  readonly phonesPerSecond: number;
}

export function mannerOf({ samples, sampleRateHz, phones }: Spoken): Manner {
  const pitch = [...trackPitch(samples, sampleRateHz).pitchHz].filter((hz) => hz > 0);
  const sounding = phones.filter(({ text }) => text !== "");
  const seconds = sounding.reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1e6, 0);
  return {
    pitchHz: median(pitch),
    rangeSemitones: 12 * Math.log2(quantile(pitch, 0.9) / quantile(pitch, 0.1)),
    levelDb: rmsDb(samples),
    phonesPerSecond: sounding.length / seconds,
  };
}

/** One manner against another, of the same sentence. */
export interface Contrast {
  readonly pitchSemitones: number;
  readonly rangeRatio: number;
  readonly levelDb: number;
  readonly ratePercent: number;
}

export function contrast(one: Manner, other: Manner): Contrast {
  return {
    pitchSemitones: 12 * Math.log2(other.pitchHz / one.pitchHz),
    rangeRatio: other.rangeSemitones / one.rangeSemitones,
    levelDb: other.levelDb - one.levelDb,
    ratePercent: 100 * (other.phonesPerSecond / one.phonesPerSecond - 1),
  };
}

/** Every sentence in each delivery; twice neutral as a control. */
export interface SaidInAllWays {
  readonly text: string;
  readonly neutral: Spoken;
  readonly again: Spoken;
  readonly gentle: Spoken;
  readonly excited: Spoken;
}

export async function sayInAllWays(
  tts: TtsBackend,
  texts: readonly string[],
  language: string,
  signal: AbortSignal,
): Promise<readonly SaidInAllWays[]> {
  const all: SaidInAllWays[] = [];
  for (const text of texts) {
    const say = (delivery: Delivery) => speak(tts, { text, language, delivery }, signal);
    all.push({
      text,
      neutral: await say("neutral"),
      again: await say("neutral"),
      gentle: await say("gentle"),
      excited: await say("excited"),
    });
  }
  return all;
}
