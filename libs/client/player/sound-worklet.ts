import type { SoundReport, ToSound } from "./player-messages.ts";
import { SoundQueue } from "./sound-queue.ts";

/** Of the AudioWorklet's global scope, which the DOM's types leave out. */
declare const sampleRate: number;
declare const currentFrame: number;
declare const registerProcessor: (name: string, processor: unknown) => void;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };

/** Reports go out every this many blocks of 128 samples (16 ms at 48 kHz). */
const blocksPerReport = 6;

/** Plays the sound queue; its node has no input and one mono output. */
class SoundProcessor extends AudioWorkletProcessor {
  readonly #queue = new SoundQueue(sampleRate);
  readonly #readers: MessagePort[] = [this.port];
  #firstFrame = -1;
  #blocks = 0;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<ToSound>) => this.#take(event.data);
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const output = outputs[0]?.[0];
    if (!output) return true;
    if (this.#firstFrame < 0) this.#firstFrame = currentFrame;
    const play = { contextS: currentFrame / sampleRate, positionUs: this.#queue.positionUs };
    this.#queue.render(output);
    const events = this.#queue.takeEvents();
    if (events.length > 0 || this.#blocks++ % blocksPerReport === 0) this.#report({ ...play, rate: this.#queue.rate }, events);
    return true;
  }

  #take(message: ToSound): void {
    if (message.type === "chunk") this.#queue.push(message.chunk, Date.now());
    else if (message.type === "clear") this.#queue.clear();
    else if (message.type === "port") this.#open(message.port);
    else this.#queue[message.type](message.response);
  }

  #open(port: MessagePort): void {
    this.#readers[1] = port;
    port.onmessage = (event: MessageEvent<ToSound>) => this.#take(event.data);
  }

  #report(play: SoundReport["play"], events: ReturnType<SoundQueue["takeEvents"]>): void {
    const { bufferedUs, targetUs, underruns, sounding, speechUs } = this.#queue;
    const timed = events.map((event) => {
      const frame = event.type === "started" ? this.#firstFrame + event.sample : currentFrame;
      return { ...event, contextS: frame / sampleRate };
    });
    const report: SoundReport = { play, bufferedUs, targetUs, underruns, sounding, speechUs, events: timed };
    for (const reader of this.#readers) reader.postMessage(report);
  }
}

registerProcessor("troupe-sound", SoundProcessor);
