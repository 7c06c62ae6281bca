import { createEchoCanceller } from "@troupe/audio/echo";
import { RateConverter } from "../sound/rate-converter.ts";

/** Of the AudioWorklet's global scope, which the DOM's types leave out. */
declare const sampleRate: number;
declare const registerProcessor: (name: string, processor: unknown) => void;
declare const AudioWorkletProcessor: new (options?: unknown) => { readonly port: MessagePort };

const sentHz = 24_000;
/** 20 ms. */
const samplesPerMessage = 480;
/** Delay of loudspeaker and microphone, and what the room adds. */
const echoTailMs = 512;

/** Input 0: microphone; input 1: what the page plays. Posts 20 ms of 24 kHz sound at a time, without the page's own where that is asked for. */
class CaptureProcessor extends AudioWorkletProcessor {
  readonly #microphone = new RateConverter(sampleRate, sentHz);
  readonly #reference = new RateConverter(sampleRate, sentHz);
  readonly #canceller: ReturnType<typeof createEchoCanceller> | undefined;
  #kept = new Float32Array(0);

  constructor({ processorOptions }: { readonly processorOptions: { readonly cancelEcho: boolean } }) {
    super();
    if (processorOptions.cancelEcho) this.#canceller = createEchoCanceller({ sampleRateHz: sentHz, tailMs: echoTailMs });
  }

  process([microphone, reference]: readonly (readonly Float32Array[])[]): boolean {
    const samples = microphone?.[0];
    if (!samples) return true;
    const heard = this.#microphone.push(samples.slice());
    if (!this.#canceller) this.#take(heard);
    else this.#take(this.#canceller.push(heard, this.#reference.push(reference?.[0]?.slice() ?? new Float32Array(samples.length))));
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
