import { ServiceError } from "@troupe/errors";

const sampleRateHz = 16_000;

/** Samples by position: what never came is silence. */
export class UtteranceAudio {
  readonly #maxSamples: number;
  #samples = new Float32Array(sampleRateHz * 4);
  #length = 0;

  constructor(maxAudioMs: number) {
    this.#maxSamples = Math.floor((maxAudioMs / 1000) * sampleRateHz);
  }

  get endUs(): number {
    return (this.#length / sampleRateHz) * 1e6;
  }

  /** @returns what is new at the end. @throws ServiceError AUDIO_TOO_LONG */
  add(ptsUs: number, pcm16: Uint8Array): Float32Array {
    const start = Math.round((ptsUs / 1e6) * sampleRateHz);
    const end = start + (pcm16.byteLength >> 1);
    if (end > this.#maxSamples) throw new ServiceError("AUDIO_TOO_LONG", `an utterance may last ${this.#maxSamples / sampleRateHz} s`);
    if (end > this.#samples.length) {
      const larger = new Float32Array(Math.min(this.#maxSamples, end * 2));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    const view = new DataView(pcm16.buffer, pcm16.byteOffset, pcm16.byteLength);
    for (let index = start; index < end; index++) this.#samples[index] = view.getInt16((index - start) * 2, true) / 32768;
    const before = this.#length;
    this.#length = Math.max(this.#length, end);
    return this.#samples.slice(before, this.#length);
  }

  samples(): Float32Array {
    return this.#samples.slice(0, this.#length);
  }
}
