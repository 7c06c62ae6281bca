/** Loudness of a voice over the quiet between words, in decibels. */
const overFloorDb = 12;
const leastDb = -50;

/** When the person's voice was last heard in the microphone: for the time from voice to sound as the person has it. */
export class VoiceWatch {
  #floorDb = -60;
  #lastMs: number | undefined;
  #levelDb = -100;

  /** Of the last 20 ms. */
  get levelDb(): number {
    return this.#levelDb;
  }

  get lastVoiceMs(): number | undefined {
    return this.#lastMs;
  }

  heard(samples: Float32Array, atMs: number): void {
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    this.#levelDb = 10 * Math.log10(power + 1e-10);
    // The floor falls at once and rises by 3 dB a second.
    this.#floorDb = Math.min(Math.max(this.#levelDb, -90), this.#floorDb + 0.06);
    if (this.#levelDb > Math.max(leastDb, this.#floorDb + overFloorDb)) this.#lastMs = atMs;
  }
}
