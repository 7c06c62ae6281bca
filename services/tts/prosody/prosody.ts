import type { ClauseRequest, Delivery } from "../backends/backend.ts";

/** How a clause is to sound, against the voice's own way. */
export interface Prosody {
  /** Speaking rate; 1 is the voice's own. 0.5..2.2. */
  readonly rate: number;
  /** Shift of the pitch in semitones; formants stay. -14..15. */
  readonly pitchSemitones: number;
  /** Factor of the distance of the pitch, in semitones, from its mean; 1 changes nothing. 0.5..2. */
  readonly pitchRange: number;
  /** Change of the level in dB. */
  readonly gainDb: number;
  /** Change above about 2 kHz in dB, beside the gain: loud speech is brighter, soft speech is darker. */
  readonly tiltDb: number;
}

/**
 * What the deliveries change, within the spread that acted speech shows: joy and excitement raise mean pitch by 2 to 4 semitones, widen
 * its range, and are louder, brighter and faster; tenderness and sadness go the other way (Juslin & Laukka, "Communication of emotions
 * in vocal expression", Psychological Bulletin 129, 2003).
 */
const deliveryProsody: Readonly<Record<Delivery, Prosody>> = {
  neutral: { rate: 1, pitchSemitones: 0, pitchRange: 1, gainDb: 0, tiltDb: 0 },
  gentle: { rate: 0.88, pitchSemitones: -1.5, pitchRange: 0.75, gainDb: -4, tiltDb: -4 },
  excited: { rate: 1.1, pitchSemitones: 2.5, pitchRange: 1.4, gainDb: 3, tiltDb: 2 },
};

/** The voice as it is. */
export const neutralProsody = deliveryProsody.neutral;

const slowest = 0.5;
const fastest = 2.2;

/** The delivery's prosody on top of the clause's own rate and pitch. */
export function prosodyOf({ rate, pitchSemitones = 0, delivery = "neutral" }: ClauseRequest): Prosody {
  const said = deliveryProsody[delivery];
  return {
    ...said,
    rate: Math.min(fastest, Math.max(slowest, rate * said.rate)),
    pitchSemitones: pitchSemitones + said.pitchSemitones,
  };
}

/** Whether a waveform stays what it is; the rate is the model's business. */
export function leavesWaveAlone({ pitchSemitones, pitchRange, gainDb, tiltDb }: Prosody): boolean {
  return pitchSemitones === 0 && pitchRange === 1 && gainDb === 0 && tiltDb === 0;
}

/** Frequency ratio of an interval. */
export function semitoneRatio(semitones: number): number {
  return 2 ** (semitones / 12);
}

/** Mean pitch on the scale of semitones, in Hz, of the frames above 0; 0 when there is none. */
export function meanPitchHz(pitchHz: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < pitchHz.length; index++) {
    const pitch = pitchHz[index] as number;
    if (pitch <= 0) continue;
    sum += Math.log(pitch);
    count++;
  }
  return count === 0 ? 0 : Math.exp(sum / count);
}
