import { RateConverter } from "../sound/rate-converter.ts";

declare const sampleRate: number;
declare const registerProcessor: (name: string, processor: unknown) => void;
declare const AudioWorkletProcessor: new (options?: unknown) => { readonly port: MessagePort };

const sentHz = 24_000;
/** 20 ms. */
const samplesPerMessage = 480;

/** Input 0: microphone. Posts 20 ms of 24 kHz sound at a time. */
class CaptureProcessor extends AudioWorkletProcessor {
  readonly #converter = new RateConverter(sampleRate, sentHz);
  #kept = new Float32Array(0);

  process([microphone]: readonly (readonly Float32Array[])[]): boolean {
    const samples = microphone?.[0];
    if (samples) this.#take(this.#converter.push(samples.slice()));
    return true;
  }

  #take(samples: Float32Array): void {
    const joined = new Float32Array(this.#kept.length + samples.length);
    joined.set(this.#kept);
    joined.set(samples, this.#kept.length);
    let at = 0;
    for (; at + samplesPerMessage <= joined.length; at += samplesPerMessage) {
      const message = joined.slice(at, at + samplesPerMessage);
      this.port.postMessage(message, [message.buffer]);
    }
    this.#kept = joined.slice(at);
  }
}

registerProcessor("troupe-capture", CaptureProcessor);
