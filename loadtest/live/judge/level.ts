/** How loud a sound is over time: RMS in dB of full scale, one value each `levelStepS`. */
export interface LevelTrack {
  readonly startS: number;
  readonly db: Float64Array;
}

/** Sound on a clock. */
export interface ClockedSound {
  readonly rateHz: number;
  readonly startS: number;
  readonly samples: Float32Array;
}

export const levelStepS = 0.005;
const windowS = 0.01;
const silenceDb = -120;

/** A value stands for the 10 ms that begin at its time. */
export function measureLevel({ rateHz, startS, samples }: ClockedSound): LevelTrack {
  const step = levelStepS * rateHz;
  const window = Math.round(windowS * rateHz);
  const db = new Float64Array(Math.max(0, Math.floor((samples.length - window) / step) + 1));
  for (let n = 0; n < db.length; n++) {
    const from = Math.round(n * step);
    let sum = 0;
    for (let k = from; k < from + window; k++) sum += (samples[k] as number) ** 2;
    db[n] = sum > 0 ? Math.max(silenceDb, 10 * Math.log10(sum / window)) : silenceDb;
  }
  return { startS, db };
}

/** When the level is at least `db` for the first time within a span and stays so for `forS` (the middle of its 10 ms); undefined: never. */
export function firstAbove({ startS, db }: LevelTrack, limitDb: number, fromS: number, toS: number, forS = 0): number | undefined {
  const steps = Math.max(1, Math.round(forS / levelStepS));
  let run = 0;
  for (let n = indexAt(startS, fromS); n < Math.min(db.length, indexAt(startS, toS)); n++) {
    run = (db[n] as number) >= limitDb ? run + 1 : 0;
    if (run >= steps) return startS + (n - steps + 1) * levelStepS + windowS / 2;
  }
  return undefined;
}

/** The middle of the last 10 ms within a span that are at least `db` loud; undefined: none is. */
export function lastAbove({ startS, db }: LevelTrack, limitDb: number, fromS: number, toS: number): number | undefined {
  for (let n = Math.min(db.length, indexAt(startS, toS)) - 1; n >= indexAt(startS, fromS); n--)
    if ((db[n] as number) >= limitDb) return startS + n * levelStepS + windowS / 2;
  return undefined;
}

/** The loudest 10 ms of a span. */
export function loudest({ startS, db }: LevelTrack, fromS: number, toS: number): number {
  let most = silenceDb;
  for (let n = indexAt(startS, fromS); n < Math.min(db.length, indexAt(startS, toS)); n++) most = Math.max(most, db[n] as number);
  return most;
}

const indexAt = (startS: number, timeS: number) => Math.max(0, Math.round((timeS - startS) / levelStepS));
