import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { floatToPcm16, pcm16ToBytes } from "@troupe/audio";
import { BoundedQueue } from "@troupe/bus";
import { type ConverseRequest, ConverseRequestSchema } from "@troupe/contracts";
import { questionRateHz } from "./question.ts";

const chunkMs = 20;
const chunkSamples = (questionRateHz * chunkMs) / 1000;

type Message = NonNullable<MessageInitShape<typeof ConverseRequestSchema>["message"]>;

/**
 * What a caller sends: messages, and sound as a microphone would give it. In real time the microphone is always open: where nobody
 * speaks it sends silence. As fast as possible, it sends only what it is given.
 */
export class Microphone {
  readonly requests = new BoundedQueue<ConverseRequest>(65_536, "fail");
  readonly realTime: boolean;
  #pending = new Float32Array(0);
  /** Samples of #pending that were sent; more than it holds while silence flows. */
  #taken = 0;
  #sentSamples = 0;
  #startMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(realTime: boolean) {
    this.realTime = realTime;
  }

  send(message: Message): void {
    this.requests.push(create(ConverseRequestSchema, { message }));
  }

  /** Starts the flow of sound; positions count from here. */
  open(): void {
    this.#startMs = performance.now();
    if (this.realTime) this.#timer = setInterval(() => this.#flow(), chunkMs / 2);
  }

  /** Returns how long the sound takes to be sent, in milliseconds. */
  speak(samples: Float32Array): number {
    if (!this.realTime) {
      this.#sendAll(samples);
      return 0;
    }
    const rest = this.#pending.subarray(this.#taken);
    const joined = new Float32Array(rest.length + samples.length);
    joined.set(rest);
    joined.set(samples, rest.length);
    this.#pending = joined;
    this.#taken = 0;
    return (joined.length / questionRateHz) * 1000;
  }

  /** When the sample at that position was sent, on performance.now(); undefined when sound does not flow in real time. */
  sentAtMs(positionUs: number): number | undefined {
    return this.realTime ? this.#startMs + positionUs / 1000 : undefined;
  }

  close(): void {
    clearInterval(this.#timer);
    this.requests.end();
  }

  #flow(): void {
    const due = Math.floor(((performance.now() - this.#startMs) / 1000) * questionRateHz);
    while (this.#sentSamples + chunkSamples <= due) {
      const chunk = new Float32Array(chunkSamples);
      chunk.set(this.#pending.subarray(this.#taken, this.#taken + chunkSamples));
      this.#taken += chunkSamples;
      this.#sendChunk(chunk);
    }
  }

  #sendAll(samples: Float32Array): void {
    const silence = new Float32Array(questionRateHz);
    for (const part of [samples, silence])
      for (let at = 0; at < part.length; at += chunkSamples * 10) this.#sendChunk(part.subarray(at, at + chunkSamples * 10));
  }

  #sendChunk(chunk: Float32Array): void {
    this.#sentSamples += chunk.length;
    this.send({ case: "audio", value: { pcm16: pcm16ToBytes(floatToPcm16(chunk)) } });
  }
}
