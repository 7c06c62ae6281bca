import { createResampler, pcm16ToFloat } from "@troupe/audio";
import type { Delivery, MotionFrame, SpeechChunk } from "../backend.ts";
import { createHeardAnimation } from "./heard-animation.ts";
import { createHeardPhones } from "./heard-phones.ts";
import { sampleRateHz } from "./mel-stream.ts";
import { type MouthNetLayout, type MouthNetOutput, type MouthNetState, stepSamples } from "./mouth-net.ts";

/** Runs the network somewhere. */
export type Hear = (state: MouthNetState, samples: Float32Array) => Promise<MouthNetOutput>;

/** Animates one response by listening to it. */
export interface Listener extends Disposable {
  /** @returns the frames that the speech so far allows */
  push(samples: Int16Array, delivery?: Delivery): Promise<MotionFrame[]>;
  /** The remaining frames. */
  finish(): Promise<MotionFrame[]>;
}

export interface ListenerOptions {
  readonly first: Pick<SpeechChunk, "ptsUs" | "sampleRateHz">;
  readonly framesPerSecond: number;
  readonly layout: MouthNetLayout;
  readonly firstState: MouthNetState;
  readonly hear: Hear;
}

const stepUs = (stepSamples * 1_000_000) / sampleRateHz;
/**
 * The network hears the sound so much later, in samples at 16 kHz: the resampler looks up to 2 ms ahead, and so a step's result is there
 * by the time that the step's sound is.
 */
const lagSamples = 48;
const lagUs = (lagSamples * 1_000_000) / sampleRateHz;
/** Speech is taken in pieces of at most so long: one run of the network stays short, however long a chunk is. */
const longestPieceS = 1;
/**
 * The network's steps and the animator's frames lie on one time scale. What a frame may know is settled by time alone: a step's phone is
 * handed over after the sound up to the step's end, and no sound beyond it before. So chunks can be cut anywhere.
 */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { first, layout } = options;
  const resampler = await createResampler({ fromHz: first.sampleRateHz, toHz: sampleRateHz });
  const network = createNetworkStream(options);
  const animation = createHeardAnimation(options.first, options.framesPerSecond);
  const heardPhones = createHeardPhones(layout);
  animation.hear({ symbol: "", startUs: first.ptsUs, endUs: first.ptsUs });
  /** Sound that has not gone through the network. */
  const unheard: Float32Array[] = [];
  /** Results of the network whose sound is not all shown yet. */
  const results: Float32Array[] = [];
  let steps = 0;

  function* split(posteriors: Float32Array): Generator<Float32Array> {
    const size = layout.phones.length;
    for (let from = 0; from < posteriors.length; from += size) yield posteriors.subarray(from, from + size);
  }

  /** Hands over what is due: sound up to the end of a step, then the step's phone, and so on. */
  function advance(isDue: (untilUs: number) => boolean): MotionFrame[] {
    const frames = animation.advance((steps + 1) * stepUs);
    while (results.length > 0 && isDue((steps + 1) * stepUs)) {
      const startUs = first.ptsUs + (steps - layout.lateSteps) * stepUs - lagUs;
      const heard = heardPhones.hear(results.shift() as Float32Array, startUs, startUs + stepUs);
      if (steps >= layout.lateSteps) animation.hear(heard);
      steps++;
      frames.push(...animation.advance((steps + 1) * stepUs));
    }
    return frames;
  }

  async function take(samples: Int16Array, delivery?: Delivery): Promise<MotionFrame[]> {
    animation.receive(samples, delivery);
    unheard.push(pcm16ToFloat(samples));
    // A step's result is not due before the step's sound is there: until then nothing needs to be worked out.
    if (animation.hasReceived((steps + results.length + 1) * stepUs)) {
      results.push(...split(await network.push(resampler.push(joinFloats(unheard.splice(0))))));
    }
    return advance(animation.hasShown);
  }

  return {
    async push(samples, delivery) {
      const size = longestPieceS * first.sampleRateHz;
      const frames: MotionFrame[] = [];
      for (let from = 0; from < samples.length; from += size) {
        frames.push(...(await take(samples.subarray(from, from + size), from === 0 ? delivery : undefined)));
      }
      return frames;
    },
    async finish() {
      const last = resampler.push(joinFloats(unheard.splice(0)));
      const silence = new Float32Array((layout.lateSteps + 2) * stepSamples);
      results.push(...split(await network.push(joinFloats([last, resampler.flush(), silence]))));
      return [...advance(() => true), ...animation.advance(Number.POSITIVE_INFINITY), ...animation.finish()];
    },
    [Symbol.dispose]: () => resampler[Symbol.dispose](),
  };
}

/** Gathers 16 kHz samples into whole steps and carries the network's state. */
function createNetworkStream({ firstState, hear }: Pick<ListenerOptions, "firstState" | "hear">) {
  let state = firstState;
  let waiting: Float32Array = new Float32Array(lagSamples);
  return {
    /** @returns the probabilities of the steps that are complete */
    async push(samples: Float32Array): Promise<Float32Array> {
      waiting = joinFloats([waiting, samples]);
      const complete = waiting.length - (waiting.length % stepSamples);
      if (complete === 0) return new Float32Array();
      const output = await hear(state, waiting.slice(0, complete));
      waiting = waiting.slice(complete);
      state = output.state;
      return output.posteriors;
    },
  };
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
